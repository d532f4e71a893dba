/** A small code editor for CEL and Liquid: completes names, and says what is wrong while one types. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching } from "@codemirror/language";
import { type Diagnostic, linter } from "@codemirror/lint";
import { Annotation, Compartment, EditorState, type Text } from "@codemirror/state";
import { EditorView, placeholder as hint, keymap, tooltips } from "@codemirror/view";
import { useEffect, useRef, useState } from "react";
import { nonce } from "@/ui/nonce";
import { type Checked, checkExpression, useVariables } from "../data";
import { useWhere } from "./context";
import { completions, hover, language, look } from "./language";
import { VariablePicker } from "./VariablePicker";

/** Text that was put in and not typed here: nothing to tell, or it would come back round. */
const fromOutside = Annotation.define<boolean>();

/** The character that is wrong, else its line, else all of it. */
function placeOf(text: Text, { position, line }: Checked): [number, number] {
  if (position !== null) {
    const from = Math.min(position, Math.max(0, text.length - 1));
    return [from, Math.min(from + 1, text.length)];
  }
  if (line === null || line < 1 || line > text.lines) return [0, text.length];
  const wrong = text.line(line);
  return [wrong.from, wrong.to];
}

interface Props {
  kind: "cel" | "liquid";
  value: string;
  label: string;
  disabled: boolean;
  html?: boolean;
  tall?: boolean;
  /** A button that puts a value in where the cursor stands. */
  picker?: boolean;
  placeholder?: string;
  onChange: (value: string) => void;
}

export default function CodeEditor({
  kind,
  value,
  label,
  disabled,
  html = false,
  tall = false,
  picker = false,
  placeholder = "",
  onChange,
}: Props) {
  const { flow, node } = useWhere();
  const { data: variables = [] } = useVariables(flow, node.id);
  const [wrong, setWrong] = useState("");
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const lock = useRef(new Compartment());
  const now = useRef({ variables, onChange });
  now.current = { variables, onChange };

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; value and lock follow by the effects below
  useEffect(() => {
    if (!frame.current) return;
    const check = async (editor: EditorView): Promise<Diagnostic[]> => {
      const source = editor.state.doc.toString();
      if (!source.trim()) {
        setWrong("");
        return [];
      }
      try {
        const answer = await checkExpression(source, kind);
        setWrong(answer.ok ? "" : answer.message);
        if (answer.ok) return [];
        const [from, to] = placeOf(editor.state.doc, answer);
        return [{ from, to, severity: "error", message: answer.message }];
      } catch {
        return []; // Offline: the next save brings what is wrong.
      }
    };
    const made = new EditorView({
      parent: frame.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          EditorView.cspNonce.of(nonce()),
          history(),
          closeBrackets(),
          bracketMatching(),
          EditorView.lineWrapping,
          language(kind, html),
          look,
          hint(placeholder),
          tooltips({ parent: document.body, position: "fixed" }),
          autocompletion({ override: [completions(kind, () => now.current.variables)], icons: false }),
          linter(check, { delay: 350 }),
          hover(() => now.current.variables),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.contentAttributes.of({ "aria-label": label, spellcheck: kind === "cel" ? "false" : "true" }),
          EditorView.updateListener.of((update) => {
            const typed = !update.transactions.some((each) => each.annotation(fromOutside));
            if (update.docChanged && typed) now.current.onChange(update.state.doc.toString());
          }),
          lock.current.of([EditorState.readOnly.of(disabled), EditorView.editable.of(!disabled)]),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [kind, html, label, placeholder]);

  useEffect(() => {
    const editor = view.current;
    const text = editor?.state.doc.toString();
    // Only what came from elsewhere (undo, a merge) is put in; what was typed here is here already.
    if (editor && text !== value && !editor.hasFocus)
      editor.dispatch({
        changes: { from: 0, to: text?.length ?? 0, insert: value },
        annotations: fromOutside.of(true),
      });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({
      effects: lock.current.reconfigure([EditorState.readOnly.of(disabled), EditorView.editable.of(!disabled)]),
    });
  }, [disabled]);

  const pick = (path: string) => {
    const editor = view.current;
    if (!editor) return;
    editor.dispatch(editor.state.replaceSelection(kind === "liquid" ? `{{ ${path} }}` : path));
    // The list takes its focus back when it closes, and this one after it.
    requestAnimationFrame(() => editor.focus());
  };
  return (
    <div className={picker ? "with-picker" : undefined}>
      {picker && !disabled ? <VariablePicker label={label} variables={variables} onPick={pick} /> : null}
      <div
        className={`code-editor${tall ? " tall" : ""}${wrong ? " bad" : ""}`}
        ref={frame}
        data-testid={`code-${kind}`}
      />
      {wrong ? (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
