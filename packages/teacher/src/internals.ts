/** What the benchmarks use of the teacher, to ask a model something else. */
export type { TeacherModel } from "./model.ts";
export { openTeacher } from "./open.ts";
