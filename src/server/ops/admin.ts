import { control as runControl } from "../../control/table.ts";
import { quotaByName, quotaTable } from "../../quota/quotas.ts";
import { Errno } from "../../wire/errno.ts";
import { OK, parseDomid, parseNumber, strings } from "../../wire/payload.ts";
import type { Connection } from "../connection.ts";
import { FEATURES } from "../domains.ts";
import type { RequestContext } from "../request-context.ts";

/** CONTROL `command|(parameter|)*` -> text. */
export function control(s: RequestContext, _c: Connection, payload: string): string | Errno {
  return runControl(s.administration, payload);
}

/** GET_FEATURE `[domid|]` -> the features, in decimal, that the caller or (privileged callers) a domain is offered. */
export function getFeature(s: RequestContext, c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length === 0) return `${c.features}\0`;
  if (!c.privileged) return Errno.EACCES;
  if (args.length > 1) return Errno.EINVAL;
  const domid = parseDomid(args[0] as string);
  if (domid < 0) return Errno.EINVAL;
  const features = s.domains.features(domid);
  return features < 0 ? Errno.ENOENT : `${features}\0`;
}

/** SET_FEATURE `domid|value|` -> OK. EBUSY once the domain is introduced. */
export function setFeature(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length !== 2) return Errno.EINVAL;
  const domid = parseDomid(args[0] as string);
  const value = parseNumber(args[1] as string);
  if (domid < 0 || value < 0 || (value & ~FEATURES) !== 0) return Errno.EINVAL;
  if (s.domains.introduced(domid)) return Errno.EBUSY;
  return s.domains.setFeatures(domid, value) ? OK : Errno.ENOENT;
}

/** GET_QUOTA -> the names, separated by spaces; `name|` -> the global value; `domid|name|` -> a domain's value. */
export function getQuota(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length === 0) return `${quotaTable.map((row) => row.name).join(" ")}\0`;
  if (args.length > 2) return Errno.EINVAL;
  const domid = domainOf(s, args, 2);
  const quota = quotaByName(args[args.length - 1] as string);
  if (domid === WRONG || quota < 0) return Errno.EINVAL;
  return domid === NOBODY ? Errno.ENOENT : `${s.quotas.get(domid, quota)}\0`;
}

/** SET_QUOTA `[domid|]name|value|` -> OK. Value 0 is unlimited. */
export function setQuota(s: RequestContext, _c: Connection, payload: string): string | Errno {
  const args = strings(payload);
  if (args.length !== 2 && args.length !== 3) return Errno.EINVAL;
  const domid = domainOf(s, args, 3);
  const quota = quotaByName(args[args.length - 2] as string);
  const value = parseNumber(args[args.length - 1] as string);
  if (domid === WRONG || quota < 0 || value < 0) return Errno.EINVAL;
  if (domid === NOBODY) return Errno.ENOENT;
  s.connections.setQuota(domid, quota, value);
  return OK;
}

const WRONG = -2;
const NOBODY = -3;

/**
 * The domid that is the first of `full` arguments; -1: there are fewer, which means the global values.
 * WRONG or NOBODY: it is no domid, or there is no such domain.
 */
function domainOf(s: RequestContext, args: readonly string[], full: number): number {
  if (args.length < full) return -1;
  const domid = parseDomid(args[0] as string);
  if (domid < 0) return WRONG;
  return s.domains.exists(domid) ? domid : NOBODY;
}
