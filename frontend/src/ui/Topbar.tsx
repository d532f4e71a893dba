import { createContext, type ReactNode, useContext, useEffect } from "react";

type Frame = { workspace: string; menu: ReactNode };

/** What the shell puts into every top bar: the workspace's name and the account menu. */
export const TopbarFrame = createContext<Frame>({ workspace: "", menu: null });

type Props = {
  /** What the page is called, in the bar and in the browser's tab. */
  title: string;
  /** What stands between workspace and title, such as a link to the list. */
  crumbs?: ReactNode;
  /** Right of the title: chips, saved state. */
  beside?: ReactNode;
  /** The views of one thing. */
  middle?: ReactNode;
  /** The right side; its last is the one ink action. */
  actions?: ReactNode;
};

/** The bar at the top of a page: workspace and title at the left, views in the middle, actions at the right. */
export function Topbar({ title, crumbs, beside, middle, actions }: Props) {
  const { workspace, menu } = useContext(TopbarFrame);
  useEffect(() => {
    document.title = `${title} · flowstudio`;
  }, [title]);
  return (
    <header className="topbar">
      <div>
        <span className="crumb cut">{workspace}</span>
        <span className="crumb">/</span>
        {crumbs}
        <h1 className="title cut">{title}</h1>
        {beside}
      </div>
      <div>{middle}</div>
      <div className="topbar-right">
        {actions}
        {menu}
      </div>
    </header>
  );
}
