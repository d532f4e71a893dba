/** One thing wrong with one field of what was sent. */
export type FieldError = { field: string; message: string };

/** An RFC 9457 problem as flowstudio's API answers it. */
export type Problem = {
  type?: string;
  title?: string;
  status?: number;
  detail?: string;
  code?: string;
  errors?: unknown;
  issues?: unknown;
  [more: string]: unknown;
};

/** What went wrong with a call, as a sentence for people and a stable code for programs. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldError[];
  readonly problem: Problem;

  constructor(status: number, problem: Problem) {
    super(problem.detail || problem.title || sentence(status));
    this.status = status;
    this.code = problem.code ?? `http_${status}`;
    this.fields = fieldErrors(problem.errors);
    this.problem = problem;
  }

  /** What is wrong with one field, or undefined. */
  field(name: string): string | undefined {
    return this.fields.find((each) => each.field === name)?.message;
  }
}

function sentence(status: number): string {
  if (status === 0) return "The server cannot be reached. Is flowstudio running, and are you on the network?";
  if (status === 401) return "You are signed out. Sign in again to go on.";
  if (status === 403) return "Your role does not allow this. Ask an admin of the workspace.";
  if (status === 404) return "There is nothing here, or it is not yours to see.";
  if (status === 409) return "Somebody changed this meanwhile. Look at their change, then try again.";
  if (status === 429) return "Too many tries. Wait a minute, then try again.";
  return `The server answered ${status}. Try again; if it stays, look at the log of the server.`;
}

/** Field errors in either shape: a list of {field, message}, or a map from field to messages. */
function fieldErrors(errors: unknown): FieldError[] {
  if (Array.isArray(errors)) {
    return errors.flatMap((each: unknown) => {
      if (!each || typeof each !== "object") return [];
      const row = each as Record<string, unknown>;
      const field = row.field ?? row.pointer ?? "";
      const message = row.message ?? row.detail ?? "";
      return [{ field: String(field).replace(/^#?\//, ""), message: String(message) }];
    });
  }
  if (errors && typeof errors === "object") {
    return Object.entries(errors).map(([field, message]) => ({
      field,
      message: Array.isArray(message) ? message.map(String).join(" ") : String(message),
    }));
  }
  return [];
}
