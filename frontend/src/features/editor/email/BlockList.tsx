/** The blocks of an e-mail one under the other: add, move, duplicate and delete, and the form of the one that is open. */

import { Menu } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconCopy, IconPlus, IconTrash } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import { BlockForm } from "./BlockForm";
import { type Block, type BlockKind, columnsOf, duplicated, fresh, KINDS, moved, NAMES, said } from "./blocks";

interface Props {
  blocks: readonly Block[];
  /** Every block of the e-mail: ids are unique in all of it. */
  all: readonly Block[];
  disabled: boolean;
  /** Where the list stands, for screen readers: "the e-mail", "column 1". */
  place: string;
  inner?: boolean;
  onChange: (blocks: Block[]) => void;
}

export function BlockList({ blocks, all, disabled, place, inner = false, onChange }: Props) {
  const [open, setOpen] = useState("");
  const list = useRef<HTMLOListElement>(null);
  const kinds = inner ? KINDS.filter((kind) => kind !== "columns") : KINDS;
  const add = (kind: BlockKind) => {
    const block = fresh(kind, all);
    onChange([...blocks, block]);
    setOpen(block.id);
  };
  // A block that moves is drawn anew, and what had the focus would lose it.
  const again = (id: string) =>
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-block="${CSS.escape(id)}"] .block-name`)?.focus(),
    );
  const move = (at: number, by: number) => {
    const id = blocks[at]?.id ?? "";
    if (at + by < 0 || at + by >= blocks.length) return;
    onChange(moved(blocks, at, by));
    again(id);
  };
  const remove = (at: number) => {
    onChange(blocks.filter((_, index) => index !== at));
    again((blocks[at + 1] ?? blocks[at - 1])?.id ?? "");
  };
  const copy = (at: number) => onChange(duplicated(blocks, at, all));
  const key = (at: number) => (event: KeyboardEvent) => {
    if (disabled) return;
    if (event.altKey && event.key === "ArrowUp") move(at, -1);
    else if (event.altKey && event.key === "ArrowDown") move(at, 1);
    else if ((event.ctrlKey || event.metaKey) && event.key === "d") copy(at);
    else if (event.key === "Delete") remove(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const change = (at: number, next: Block) => onChange(blocks.map((each, index) => (index === at ? next : each)));
  return (
    <div className="blocks">
      <ol ref={list} aria-label={`Blocks of ${place}`}>
        {blocks.map((block, at) => {
          const name = `${NAMES[block.kind]} ${at + 1}`;
          const shown = open === block.id;
          return (
            <li key={block.id} className={shown ? "block open" : "block"} data-block={block.id}>
              <div className="row">
                <button
                  type="button"
                  className="block-name"
                  aria-expanded={shown}
                  title="Alt ↑ ↓ moves it, Ctrl D duplicates it, Delete deletes it"
                  onClick={() => setOpen(shown ? "" : block.id)}
                  onKeyDown={key(at)}
                >
                  <b>{NAMES[block.kind]}</b>
                  <span className="cut t2">{said(block)}</span>
                </button>
                <button
                  type="button"
                  className="icon-btn sm"
                  aria-label={`Move ${name} up`}
                  disabled={disabled || at === 0}
                  onClick={() => move(at, -1)}
                >
                  <IconArrowUp className="i i14" />
                </button>
                <button
                  type="button"
                  className="icon-btn sm"
                  aria-label={`Move ${name} down`}
                  disabled={disabled || at === blocks.length - 1}
                  onClick={() => move(at, 1)}
                >
                  <IconArrowDown className="i i14" />
                </button>
                <button
                  type="button"
                  className="icon-btn sm"
                  aria-label={`Duplicate ${name}`}
                  disabled={disabled}
                  onClick={() => copy(at)}
                >
                  <IconCopy className="i i14" />
                </button>
                <button
                  type="button"
                  className="icon-btn sm"
                  aria-label={`Delete ${name}`}
                  disabled={disabled}
                  onClick={() => remove(at)}
                >
                  <IconTrash className="i i14" />
                </button>
              </div>
              {shown && block.kind === "columns" ? (
                <div className="form block-form">
                  {columnsOf(block).map((column, which, columns) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: a column is its place
                    <section key={which}>
                      <div className="h">Column {which + 1}</div>
                      <BlockList
                        blocks={column}
                        all={all}
                        disabled={disabled}
                        place={`column ${which + 1}`}
                        inner
                        onChange={(next) =>
                          change(at, {
                            ...block,
                            columns: columns.map((each, index) => ({ blocks: index === which ? next : each })),
                          })
                        }
                      />
                    </section>
                  ))}
                  {columnsOf(block).length < 3 && !disabled ? (
                    <button
                      type="button"
                      className="link s12"
                      onClick={() =>
                        change(at, {
                          ...block,
                          columns: [...columnsOf(block), []].map((each) => ({ blocks: each })),
                        })
                      }
                    >
                      Add a third column
                    </button>
                  ) : null}
                </div>
              ) : shown ? (
                <BlockForm block={block} disabled={disabled} onChange={(next) => change(at, next)} />
              ) : null}
            </li>
          );
        })}
      </ol>
      {disabled ? null : (
        <Menu width={180} position="bottom-start" zIndex={700}>
          <Menu.Target>
            <button type="button" className="btn btn-line" aria-label={`Add a block to ${place}`}>
              <IconPlus className="i i14" /> Add a block
            </button>
          </Menu.Target>
          <Menu.Dropdown>
            {kinds.map((kind) => (
              <Menu.Item key={kind} onClick={() => add(kind)}>
                {NAMES[kind]}
              </Menu.Item>
            ))}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  );
}
