export const budget = {
  name: "interrupt budget",
  why:
    "The host decides how many calls and turns of loops may pass before it is asked whether to go on, and a turn begins with " +
    "a new budget. QuickJS has a counter of its own, which it sets to 10,000 each time.",
  test: "quickjs_changes_test the_budget_is_the_hosts",
  edits: [
    {
      within: "js_poll_interrupts",
      find: "--ctx->interrupt_counter <= 0",
      replace: "--engine_interrupt_budget < 0",
    },
  ],
};
