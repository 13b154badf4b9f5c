export { isPolite, tone } from "tones";
