export type { Contract, InputContract, JsonSchema, OutputContract } from "./contract.ts";
