import { Component, type ReactNode } from "react";
import { ErrorScreen } from "@/ui/ErrorScreen";

type Props = { children: ReactNode; resetKey?: string };
type Caught = { error: Error | null };

/** Shows a sentence and a way on when a page breaks, instead of a white screen. */
export class Boundary extends Component<Props, Caught> {
  override state: Caught = { error: null };

  static getDerivedStateFromError(error: unknown): Caught {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidUpdate(before: Props): void {
    if (before.resetKey !== this.props.resetKey && this.state.error) this.setState({ error: null });
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <ErrorScreen error={error} retry={() => this.setState({ error: null })} />;
  }
}
