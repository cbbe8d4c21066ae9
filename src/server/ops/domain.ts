import { DOMID_SELF } from "../../limits.ts";
import { OUT_OF_MEMORY } from "../../quota/refusals.ts";
import { Errno } from "../../wire/errno.ts";
import { OK, parseDomid, parseLoose, single, strings } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import type { RequestContext } from "../request-context.ts";

/**
 * INTRODUCE `domid|gfn|port|` -> OK. For an introduced domain the port is rebound and the connection reset.
 * `gfn` is ignored. EINVAL if the ring cannot be opened.
 */
export function introduce(s: RequestContext, c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length < 3) return Errno.EINVAL;
  const domid = parseDomid(args[0] as string);
  const port = parseLoose(args[2] as string);
  if (domid < 0 || port <= 0) return Errno.EINVAL;
  const error = s.domains.introduce(domid, port);
  if (error === Errno.ENOMEM) c.refusals.count(OUT_OF_MEMORY);
  return error === Errno.none ? OK : error;
}

/** RELEASE `domid|` -> OK. Removes the domain's nodes and rights, as its death does. */
export function release(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const domid = domidOf(payload);
  if (domid < 0 || s.domains.permanent(domid)) return Errno.EINVAL;
  return s.domains.release(domid) ? OK : Errno.ENOENT;
}

/** RESUME `domid|` -> OK. Its next shutdown is reported again. */
export function resume(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const domid = domidOf(payload);
  if (domid < 0 || s.domains.permanent(domid)) return Errno.EINVAL;
  return s.domains.resume(domid) ? OK : Errno.ENOENT;
}

/** SET_TARGET `domid|target|` -> OK. The domain gets the target's rights besides its own. */
export function setTarget(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length < 2) return Errno.EINVAL;
  const domid = parseDomid(args[0] as string);
  const target = parseDomid(args[1] as string);
  if (domid < 0 || target < 0) return Errno.EINVAL;
  return s.domains.setTarget(domid, target) ? OK : Errno.ENOENT;
}

/** GET_DOMAIN_PATH `domid|` -> `/local/domain/<domid>|`, whether or not there is such a domain. */
export function getDomainPath(_s: RequestContext, _c: Connection, payload: string): string | Errno {
  const domid = domidOf(payload);
  return domid < 0 ? Errno.EINVAL : `/local/domain/${domid}\0`;
}

/** IS_DOMAIN_INTRODUCED `domid|` -> `T|` or `F|`. */
export function isDomainIntroduced(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const domid = domidOf(payload);
  if (domid < 0) return Errno.EINVAL;
  return domid === DOMID_SELF || s.domains.introduced(domid) ? "T\0" : "F\0";
}

function domidOf(payload: string): number {
  const text = single(payload);
  return text === null ? -1 : parseDomid(text);
}
