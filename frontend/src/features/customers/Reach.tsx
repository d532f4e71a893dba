/** Whether messages may reach this customer, and what they said about each kind of message. */

import { Menu } from "@mantine/core";
import { IconMail, IconMailOff, IconPlus, IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api/client";
import type { CustomerDetail } from "@/api/models";
import { called } from "@/api/people";
import { useMay } from "@/api/session";
import { Confirm } from "@/ui/Confirm";
import { Clock } from "@/ui/TimeAgo";

const SAID = { granted: "Agreed", denied: "Refused" } as const;

export function Reach({ customer }: { customer: CustomerDetail }) {
  const { reach } = customer;
  const edits = useMay("editor");
  const lifts = useMay("admin");
  const queries = useQueryClient();
  const [asked, setAsked] = useState(false);
  const [adding, setAdding] = useState(false);
  const path = { path: { customer_id: customer.id } };
  const renew = () => queries.invalidateQueries({ queryKey: ["journey", customer.id] });
  const change = async () => {
    if (reach.suppressed) await answer(api.POST("/api/v1/customers/{customer_id}/unsuppress/", { params: path }));
    else await answer(api.POST("/api/v1/customers/{customer_id}/suppress/", { params: path }));
    await renew();
  };
  const say = async (category: string, state: "granted" | "denied" | "unset") => {
    await answer(api.POST("/api/v1/customers/{customer_id}/consent/", { params: path, body: { category, state } }));
    await renew();
  };
  const Icon = reach.suppressed ? IconMailOff : IconMail;
  return (
    <section className="sect reach" aria-label="Messages" data-testid="reach">
      <div className="row">
        <span className={reach.suppressed ? "reach-mark off" : "reach-mark"}>
          <Icon className="i i14" aria-hidden="true" />
        </span>
        <div className="cut">
          <div className="strong">{reach.suppressed ? "Suppressed" : "Subscribed"}</div>
          <div className="t2 s12 cut" title={reach.sentence}>
            {reach.sentence}
            {reach.since ? (
              <>
                , <Clock at={reach.since} />
              </>
            ) : null}
          </div>
        </div>
        {(reach.suppressed ? lifts : edits) ? (
          <button
            type="button"
            className="btn btn-line btn-sm push"
            onClick={() => setAsked(true)}
            data-testid="reach-change"
          >
            {reach.suppressed ? "Lift" : "Suppress"}
          </button>
        ) : null}
      </div>
      {reach.consents.length || edits ? (
        <ul className="consents" aria-label="Consent">
          {reach.consents.map((each) => (
            <li key={each.category} className="row">
              <span className="cut" title={each.category}>
                {each.category}
              </span>
              {edits ? (
                <Menu width={150} position="bottom-end">
                  <Menu.Target>
                    <button type="button" className={`btn btn-quiet btn-sm push said ${each.state}`}>
                      {SAID[each.state]}
                    </button>
                  </Menu.Target>
                  <Menu.Dropdown>
                    <Menu.Item onClick={() => void say(each.category, "granted")}>Agreed</Menu.Item>
                    <Menu.Item onClick={() => void say(each.category, "denied")}>Refused</Menu.Item>
                    <Menu.Item onClick={() => void say(each.category, "unset")}>Never asked</Menu.Item>
                  </Menu.Dropdown>
                </Menu>
              ) : (
                <span className={`push said ${each.state}`}>{SAID[each.state]}</span>
              )}
            </li>
          ))}
          {edits ? (
            <li>
              {adding ? (
                <Add onAdd={say} onClose={() => setAdding(false)} />
              ) : (
                <Begin onClick={() => setAdding(true)} />
              )}
            </li>
          ) : null}
        </ul>
      ) : null}
      {asked ? (
        <Confirm
          title={reach.suppressed ? `Send messages to ${called(customer)} again?` : `Suppress ${called(customer)}?`}
          verb={reach.suppressed ? "Lift the suppression" : "Suppress"}
          act={change}
          onClose={() => setAsked(false)}
        >
          {reach.suppressed
            ? `${reach.sentence}. Lift it only if they asked for it; who did it is kept in the audit log.`
            : "No message of any flow reaches them from now on, transactional ones included. Runs go on without the messages."}
        </Confirm>
      ) : null}
    </section>
  );
}

function Begin({ onClick }: { onClick: () => void }) {
  return (
    <button type="button" className="btn btn-quiet btn-sm" onClick={onClick} data-testid="consent-add">
      <IconPlus className="i i12" /> Consent to a category
    </button>
  );
}

function Add({
  onAdd,
  onClose,
}: {
  onAdd: (category: string, state: "granted" | "denied") => Promise<void>;
  onClose: () => void;
}) {
  const [category, setCategory] = useState("");
  const [wrong, setWrong] = useState("");
  const put = async (state: "granted" | "denied") => {
    try {
      await onAdd(category.trim(), state);
      onClose();
    } catch (reason) {
      setWrong(reason instanceof Error ? reason.message : String(reason));
    }
  };
  return (
    <div className="consent-new">
      <input
        className="consent-name"
        aria-label="Category"
        placeholder="newsletter"
        maxLength={60}
        // biome-ignore lint/a11y/noAutofocus: the field was asked for by the button in whose place it stands
        autoFocus
        value={category}
        onChange={(event) => setCategory(event.currentTarget.value)}
        onKeyDown={(event) => event.key === "Escape" && onClose()}
      />
      <button
        type="button"
        className="btn btn-line btn-sm"
        disabled={!category.trim()}
        onClick={() => void put("granted")}
      >
        Agreed
      </button>
      <button
        type="button"
        className="btn btn-line btn-sm"
        disabled={!category.trim()}
        onClick={() => void put("denied")}
      >
        Refused
      </button>
      <button type="button" className="icon-btn sm" aria-label="Leave it" onClick={onClose}>
        <IconX className="i i12" />
      </button>
      {wrong ? (
        <p className="wrong" role="alert">
          {wrong}
        </p>
      ) : null}
    </div>
  );
}
