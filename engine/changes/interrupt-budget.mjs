export const budget = {
  name: "interrupt budget",
  why:
    "QuickJS calls the interrupt handler once in 10,000 calls and loop iterations, with a counter that the host " +
    "cannot set. Here the host sets it, and each turn of the program begins with a new one, so that a turn has a " +
    "bound.",
  test: "quickjs_changes_test the_budget_is_the_hosts",
  edits: [
    {
      within: "js_poll_interrupts",
      find: "--ctx->interrupt_counter <= 0",
      replace: "--engine_interrupt_budget < 0",
    },
  ],
};
