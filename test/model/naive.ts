/** The same store written the naive way: a tree of objects, copied whole wherever a copy is needed. */

export interface Entry {
  letter: string;
  domid: number;
  stale: boolean;
}

export interface Node {
  value: string;
  perms: Entry[];
  children: Map<string, Node>;
}

export interface Who {
  domid: number;
  privileged: boolean;
}

export class Naive {
  root: Node = { value: "", perms: [{ letter: "n", domid: 0, stale: false }], children: new Map() };

  copy(): Naive {
    const other = new Naive();
    other.root = copyNode(this.root);
    return other;
  }

  find(path: string): Node | null {
    let node: Node | undefined = this.root;
    if (path === "/") return node;
    for (const name of path.slice(1).split("/")) {
      node = node.children.get(name);
      if (node === undefined) return null;
    }
    return node;
  }

  /** All paths below and including one, children before parents. */
  postOrder(path: string): string[] {
    const node = this.find(path);
    if (node === null) return [];
    const list: string[] = [];
    for (const name of node.children.keys())
      list.push(...this.postOrder(path === "/" ? `/${name}` : `${path}/${name}`));
    list.push(path);
    return list;
  }

  may(who: Who, node: Node, right: string): boolean {
    if (who.privileged) return true;
    const owner = node.perms[0] as Entry;
    if (!owner.stale && owner.domid === who.domid) return true;
    if (right === "owner") return false;
    for (const e of node.perms.slice(1)) {
      if (!e.stale && (e.domid === who.domid || e.domid === 32757)) return e.letter === right || e.letter === "b";
    }
    return owner.letter === right || owner.letter === "b";
  }

  above(path: string): Node {
    let p = parent(path);
    while (this.find(p) === null) p = parent(p);
    return this.find(p) as Node;
  }

  absent(who: Who, path: string, right: string): string {
    return this.may(who, this.above(path), right) ? "!ENOENT" : "!EACCES";
  }

  /** Runs one request; `changed` and `removed` tell of what watchers may hear. */
  run(who: Who, op: string, path: string, arg: string, exists: (domid: number) => boolean): string {
    const node = this.find(path);
    switch (op) {
      case "READ":
        if (node === null) return this.absent(who, path, "r");
        return this.may(who, node, "r") ? node.value : "!EACCES";
      case "DIRECTORY":
        if (node === null) return this.absent(who, path, "r");
        return this.may(who, node, "r") ? [...node.children.keys()].map((n) => `${n}|`).join("") : "!EACCES";
      case "GET_PERMS":
        if (node === null) return this.absent(who, path, "r");
        return this.may(who, node, "r") ? node.perms.map((e) => `${e.letter}${e.domid}|`).join("") : "!EACCES";
      case "WRITE":
      case "MKDIR": {
        if (node !== null) {
          if (!this.may(who, node, "w")) return "!EACCES";
          if (op === "WRITE") node.value = arg;
          return "OK|";
        }
        const above = this.above(path);
        if (!this.may(who, above, "w")) return "!EACCES";
        const perms = above.perms.map((e) => ({ ...e }));
        if (!who.privileged) perms[0] = { letter: (perms[0] as Entry).letter, domid: who.domid, stale: false };
        let at = this.root;
        for (const name of path.slice(1).split("/")) {
          let next = at.children.get(name);
          if (next === undefined) {
            next = { value: "", perms: perms.map((e) => ({ ...e })), children: new Map() };
            at.children.set(name, next);
          }
          at = next;
        }
        if (op === "WRITE") at.value = arg;
        return "OK|";
      }
      case "RM": {
        if (path === "/") return "!EINVAL";
        const up = this.find(parent(path));
        if (node === null) {
          const error = this.absent(who, path, "w");
          return error === "!ENOENT" && up !== null ? "OK|" : error;
        }
        if (!this.may(who, node, "w")) return "!EACCES";
        (up as Node).children.delete(path.slice(path.lastIndexOf("/") + 1));
        return "OK|";
      }
      default: {
        if (node === null) return this.absent(who, path, "owner");
        if (!this.may(who, node, "owner")) return "!EACCES";
        const perms = arg
          .split("|")
          .slice(0, -1)
          .map((text) => {
            const stale = text.startsWith("!");
            const shown = stale ? text.slice(1) : text;
            return { letter: shown[0] as string, domid: Number(shown.slice(1)), stale };
          });
        const old = node.perms[0] as Entry;
        if (!who.privileged && ((perms[0] as Entry).domid !== old.domid || old.stale)) return "!EPERM";
        for (const e of perms) if (!exists(e.domid)) e.stale = true;
        node.perms = perms;
        return "OK|";
      }
    }
  }

  /** Nodes and entries of a dead domain go. Returns the roots of what went. */
  bury(domid: number, nodesToo: boolean): void {
    const walk = (node: Node): void => {
      node.perms = node.perms.filter((e, i) => i === 0 || e.domid !== domid);
      const owner = node.perms[0] as Entry;
      if (owner.domid === domid) owner.stale = true;
      for (const [name, child] of node.children) {
        const e = child.perms[0] as Entry;
        if (nodesToo && e.domid === domid && !e.stale) node.children.delete(name);
        else walk(child);
      }
    };
    walk(this.root);
  }

  dump(): string[] {
    const lines: string[] = [];
    const walk = (path: string, node: Node): void => {
      lines.push(`${path} = ${node.value} {${node.perms.map((e) => `${e.letter}${e.domid}|`).join("")}}`);
      for (const [name, child] of node.children) walk(path === "/" ? `/${name}` : `${path}/${name}`, child);
    };
    walk("/", this.root);
    return lines;
  }
}

export function parent(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

function copyNode(node: Node): Node {
  const children = new Map<string, Node>();
  for (const [name, child] of node.children) children.set(name, copyNode(child));
  return { value: node.value, perms: node.perms.map((e) => ({ ...e })), children };
}
