/** The words of the product, a sentence each. */

import { Modal } from "@mantine/core";

const WORDS: readonly (readonly [string, string])[] = [
  ["Flow", "What a marketer draws: how customers travel from a trigger to an end."],
  ["Draft", "The drawing being worked on. Nobody goes through it before it is published."],
  ["Version", "A published drawing; it never changes."],
  ["Node", "One card of the drawing: a step that customers come to."],
  ["Port", "A way out of a node, such as a case of a branch, or an error."],
  ["Edge", "The line from a port to the next node."],
  ["Trigger", "The node at which customers come in: an event, a webhook, a segment, a schedule, or by hand."],
  ["Run", "One customer going once through one flow."],
  ["Step", "One arrival of a run at a node, with what it read, did and answered."],
  ["Attempt", "One try of a step's call. All tries of a step carry the same key, so that its effect happens once."],
  ["Journey", "All events and runs of one customer, over all flows."],
  ["Event", "Something a customer did, as your site or server told it."],
  ["Customer", "A person, known by an id or an address, with traits."],
  ["Trait", "What is known of a customer, with where it came from and when."],
  ["Segment", "Customers who have something in common: traits, or what they did."],
  ["Connector", "A vendor or system that steps can call."],
  ["Action", "One thing that a connector can do."],
  ["Credential", "The secret with which a connector is called. It is kept, and never shown again."],
  ["Goal", "What a flow is for. It is counted once a run."],
  ["Exit", "What ends a run early, wherever it stands."],
];

export function Glossary({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="What the words mean"
      size={640}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <dl className="glossary" data-testid="glossary">
        {WORDS.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
