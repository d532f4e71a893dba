import { IconKey } from "@tabler/icons-react";
import { CopyButton } from "@/ui/JsonView";
import type { useWriteKey } from "./signups";

type Props = { value: string; make: ReturnType<typeof useWriteKey>["make"] };

/** Makes a write key and shows it this once, for the snippet beside it. */
export function WriteKey({ value, make }: Props) {
  if (value) {
    return (
      <>
        <div className="row write-key">
          <span className="t3">Write key</span>
          <span className="field mono grow">
            <span className="cut">{value}</span>
          </span>
          <CopyButton text={value} label="Copy the write key" />
        </div>
        <p className="t3">Keep it: it is shown this once. It may send events, and nothing else.</p>
      </>
    );
  }
  return (
    <>
      <button
        type="button"
        className="btn btn-line write-key"
        disabled={make.isPending}
        onClick={() => make.mutate("My application")}
      >
        <IconKey className="i i14" />
        Make a write key
      </button>
      {make.error ? (
        <p className="is-failed" role="alert">
          {make.error.message}
        </p>
      ) : null}
    </>
  );
}
