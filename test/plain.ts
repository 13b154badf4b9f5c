// Vitest sets FORCE_COLOR for its workers where it writes in colour itself; what tests start and read is to be the same
// everywhere.
delete process.env.FORCE_COLOR;
process.env.NO_COLOR = "1";
