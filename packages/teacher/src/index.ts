export { describeUsage, type Limits, type Price, type Usage } from "./budget.ts";
export { TeacherError, type TeacherErrorCode } from "./errors.ts";
export type { LanguageModel } from "./language-model.ts";
export type { EndpointTeacher, GgufTeacher, Teacher } from "./open.ts";
export { type Certainty, type Taught, type TeachOptions, teach } from "./teach.ts";
