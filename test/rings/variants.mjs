// What is checked: a model, its options, and the verdict. A wrong design must hang, in the way that is written here, or
// the model would show nothing for a right one. The hangs are those of HANG in ring.pml.
const WITHIN = "requests unread, within a message";
const BETWEEN = "requests unread, between messages";
const REPLIES = "replies wait, and there is room";
/** In ports.pml, and where the timer's event is lost as well: nobody is left who would say so. */
const ASLEEP = "nothing can move any more";

const KINDS = { [WITHIN]: "WITHIN", [BETWEEN]: "BETWEEN", [REPLIES]: "REPLIES" };

/** Three messages through three units: both rings become full, and slots are used again. */
const ring = (name, options, hang) => ({
  name,
  model: "ring",
  options: ["MESSAGES=3", "RING=3", "FIRES=0", ...options.split(" "), ...(KINDS[hang] ? [`ONLY=${KINDS[hang]}`] : [])],
  hang,
});
/** One message through two units, and an event of another port at any time. */
const crossed = (name, options, hang) => ({
  name,
  model: "ring",
  options: ["MESSAGES=1", "RING=2", "FIRES=1", ...options.split(" ")],
  hang,
});
const ports = (name, options, hang) => ({ name, model: "ports", options: options.split(" "), hang });

const NEW = "LAST_LOOK PERIODIC";

export const VARIANTS = [
  // The longest first: they run beside the rest.
  ring("the daemon as it is, PV", NEW),
  ring("the daemon as it is, PVH", `${NEW} PVH`),
  ports("event channels, PV", "SENDS=2"),
  ports("event channels, PVH", "SENDS=2 PVH"),
  crossed("the daemon as it is, another port's event, PV", NEW),
  crossed("the daemon as it is, another port's event, PVH", `${NEW} PVH`),
  ring("the last look alone, a client with fences, PV", "LAST_LOOK CLIENT_FENCE"),
  ring("the last look alone, a client with fences, PVH", "LAST_LOOK CLIENT_FENCE PVH"),

  // Linux's store may reach memory behind the last look. Its event is then due to nobody: hence the periodic look.
  ring("the last look alone, Linux, a payload is not seen", "LAST_LOOK", WITHIN),
  ring("the last look alone, Linux, a next message is not seen", "LAST_LOOK", BETWEEN),
  ring("the last look alone, Linux, room is not seen", "LAST_LOOK", REPLIES),
  // Nothing on our side tells such a link from one that is at rest.
  ring("a periodic look at unfinished links only", `${NEW} PERIODIC_PART`, BETWEEN),

  ring("no look behind what was taken, Linux", "DRAINED", WITHIN),
  ring("no look behind what was taken, a client with fences", "DRAINED CLIENT_FENCE", WITHIN),
  ring("a look without a fence, a client with fences", "UNTIL_NOTHING CLIENT_FENCE", WITHIN),
  ring("a look at once behind a fence, Linux", "SECOND_LOOK", WITHIN),
  ring("no last look for replies, a client with fences", "LAST_LOOK CLIENT_FENCE NO_REPLY_LOOK", REPLIES),
  ring("no look behind what the last look put out", "LAST_LOOK CLIENT_FENCE LOOK_ONCE", REPLIES),
  crossed("an idle point that does not look again, in spite of the timer", `${NEW} IDLE_NOT_ATOMIC`, ASLEEP),

  ports("an idle point that does not look again, PV", "SENDS=2 IDLE_NOT_ATOMIC", ASLEEP),
  ports("an idle point that does not look again, PVH", "SENDS=2 IDLE_NOT_ATOMIC PVH", ASLEEP),
  ports("an upcall that goes back to hlt", "SENDS=2 NO_STEP_OVER PVH", ASLEEP),
  ports("upcall_pending cleared behind the queue", "SENDS=2 CLEARED_LAST", ASLEEP),
  ports("links of event words not followed", "SENDS=2 NO_HEADS", ASLEEP),
];
