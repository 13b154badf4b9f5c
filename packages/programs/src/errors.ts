import { CodedError, HintedError } from "@unplugin-paw/errors";

/** The option `remote` names nothing that could be a remote cache. (One that is down is no error.) */
export class RemoteError extends HintedError {
  static {
    RemoteError.prototype.name = "RemoteError";
  }
}

/** An entry is not what was put there. The message names the file and goes on from its folder or key. */
export class DamagedEntry extends HintedError {
  static {
    DamagedEntry.prototype.name = "DamagedEntry";
  }

  constructor(message: string, hint = "") {
    super(message, hint);
  }
}

/**
 * A folder has no sound entry of a program, and none may be made. `MISSING`: there is no entry. `DAMAGED`: it is not
 * what was put there.
 */
export class MissingProgram extends CodedError<"MISSING" | "DAMAGED"> {
  static {
    MissingProgram.prototype.name = "MissingProgram";
  }
}
