import { APICallError, generateText, LoadAPIKeyError, RetryError, wrapLanguageModel } from "ai";
import { TeacherError } from "./errors.ts";
import type { TeacherModel } from "./model.ts";

/** A model of the AI SDK: what `openai("...")`, `anthropic("...")` and the like give. */
export type LanguageModel = Parameters<typeof wrapLanguageModel>[0]["model"];

/** How a model of the AI SDK is called. */
export interface CallSettings {
  /** The longest that one request may take, milliseconds. */
  patience: number;
  /** How often a request is sent again after a failure that may pass, such as 429. */
  retries: number;
}

/**
 * A model of the AI SDK as a teacher. The SDK sends a request again where that may help, and waits as long as the
 * provider asks for.
 */
export function languageModel(model: LanguageModel, { patience, retries }: CallSettings): TeacherModel {
  return {
    id: model.modelId,
    async complete({ system, user, maxTokens, temperature }, { signal, onRequest }) {
      let denied: { error: unknown } | undefined;
      const counted = wrapLanguageModel({
        model,
        middleware: {
          specificationVersion: "v3",
          async wrapGenerate({ model: inner, params }) {
            try {
              onRequest();
            } catch (error) {
              denied = { error };
              throw error;
            }
            const limit = AbortSignal.timeout(patience);
            try {
              return await inner.doGenerate({ ...params, abortSignal: AbortSignal.any([signal, limit]) });
            } catch (error) {
              if (signal.aborted || !limit.aborted) throw error;
              const message = `no answer within ${patience / 1000} s`;
              throw new APICallError({ message, url: "", requestBodyValues: {}, isRetryable: true });
            }
          },
        },
      });
      try {
        const { text, usage } = await generateText({
          model: counted,
          system,
          prompt: user,
          maxOutputTokens: maxTokens,
          temperature,
          maxRetries: retries,
          abortSignal: signal,
        });
        return { text, tokens: { input: usage.inputTokens ?? 0, output: usage.outputTokens ?? 0 } };
      } catch (error) {
        signal.throwIfAborted();
        throw denied ? denied.error : explain(error, model.modelId);
      }
    },
    close: async () => {},
  };
}

/** What went wrong, and what to do. No message has a key: providers quote a part of a wrong one. */
function explain(error: unknown, id: string): TeacherError {
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  if (LoadAPIKeyError.isInstance(cause)) {
    const hint = `${firstSentence(cause)} Set it where the build runs, or commit the record so that no call is made.`;
    return new TeacherError("KEY", `The teacher ${id} has no key.`, hint);
  }
  const status = APICallError.isInstance(cause) ? cause.statusCode : undefined;
  if (status === 401 || status === 403) {
    const hint = "Is the key set, in this shell or CI job, and of this provider?";
    return new TeacherError("KEY", `The teacher ${id} was refused (HTTP ${status}).`, hint);
  }
  if (status === 429) {
    const hint = "Run again later: what was written is in the record, and the rest is asked for then.";
    return new TeacherError("RATE", `The teacher ${id} takes no more requests for now (HTTP 429).`, hint);
  }
  const said = cause instanceof Error ? cause.message : String(cause);
  const where = status === undefined ? "" : ` (HTTP ${status})`;
  const hint = "Run again: what was written is in the record, and only the rest is asked for then.";
  return new TeacherError("NETWORK", `The teacher ${id} failed${where}: ${said.slice(0, 300)}.`, hint, {
    cause: error,
  });
}

function firstSentence({ message }: Error): string {
  return `${message.split(/\.\s/)[0]?.replace(/\.$/, "")}.`;
}
