import "./signin.css";
import {
  IconArrowsSplit2,
  IconBolt,
  IconBuildingSkyscraper,
  IconDatabaseImport,
  IconHash,
  IconStack2,
} from "@tabler/icons-react";
import { type ReactNode, useEffect } from "react";
import { Logo } from "@/ui/glyphs";

const cards = [
  { x: 280, y: 0, kind: "trigger", icon: IconBolt, name: "Signed Up", say: "When a customer signs up" },
  {
    x: 280,
    y: 116,
    kind: "data",
    icon: IconBuildingSkyscraper,
    name: "Enrich company",
    say: "Clearbit: company by domain",
  },
  {
    x: 280,
    y: 232,
    kind: "data",
    icon: IconDatabaseImport,
    name: "Save to warehouse",
    say: "company_profile, by customer",
  },
  { x: 280, y: 348, kind: "logic", icon: IconArrowsSplit2, name: "Company size", say: "Employees > 100" },
  { x: 0, y: 480, kind: "message", icon: IconHash, name: "Alert sales", say: "“{{ company }} signed up”" },
  { x: 280, y: 480, kind: "data", icon: IconStack2, name: "Technographics", say: "Datayze: tools in use" },
  {
    x: 280,
    y: 596,
    kind: "data",
    icon: IconDatabaseImport,
    name: "Save to warehouse",
    say: "company_stack, by technology",
  },
  { x: 280, y: 712, kind: "logic", icon: IconArrowsSplit2, name: "Integration", say: "Uses a technology we integrate" },
] as const;

const edges = [
  "M404 76V110",
  "M404 192V226",
  "M404 308V342",
  "M330 424V442Q330 452 320 452H134Q124 452 124 462V474",
  "M404 424V474",
  "M404 556V590",
  "M404 672V706",
  "M404 788V840",
];

/** The door: what to do at the left, a drawing of the onboarding unit at the right. */
export function DoorFrame({ title, children, fine }: { title: string; children: ReactNode; fine: string }) {
  useEffect(() => {
    document.title = `${title} · flowstudio`;
  }, [title]);
  return (
    <div className="door">
      <main className="left">
        <div className="mark">
          <Logo />
          flowstudio
        </div>
        <div className="mid">{children}</div>
        <p className="fine">{fine}</p>
      </main>
      <div className="right" aria-hidden="true">
        <div className="scene">
          <svg width="560" height="860" aria-hidden="true">
            {edges.map((d) => (
              <path key={d} className="e" d={d} />
            ))}
            {edges.slice(0, 7).map((d) => {
              const [x = "0", y = "0"] = (d.includes("Q124") ? "124 474" : `404 ${d.split("V").at(-1)}`).split(" ");
              return <path key={d} className="tip" d={`M${Number(x) - 4} ${Number(y) - 0.5}h8l-4 6.5z`} />;
            })}
          </svg>
          <span className="door-pill" style={{ left: 227, top: 452 }}>
            &gt; 100 employees
          </span>
          <span className="door-pill" style={{ left: 404, top: 452 }}>
            Everyone else
          </span>
          {cards.map(({ x, y, kind, icon: Icon, name, say }) => (
            <div key={`${x}:${y}`} className={`door-card k-${kind}`} style={{ left: x, top: y }}>
              <span className="tile">
                <Icon className="i" />
              </span>
              <span className="cut">
                <b>{name}</b>
                <span className="t2 s12">{say}</span>
              </span>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}
