import {
  IconArrowsSplit2,
  IconBolt,
  IconBuildingSkyscraper,
  IconHash,
  IconMail,
  IconStack2,
} from "@tabler/icons-react";

const boxes = [
  { left: 66, top: 144, kind: "trigger", icon: IconBolt, name: "Signed Up", vendor: "" },
  { left: 208, top: 144, kind: "data", icon: IconBuildingSkyscraper, name: "Enrich company", vendor: "C" },
  { left: 362, top: 144, kind: "logic", icon: IconArrowsSplit2, name: "Company size", vendor: "" },
  { left: 514, top: 144, kind: "data", icon: IconStack2, name: "Technographics", vendor: "D" },
  { left: 514, top: 66, kind: "message", icon: IconHash, name: "Alert sales", vendor: "S" },
  { left: 514, top: 222, kind: "message", icon: IconMail, name: "Three e-mails", vendor: "E" },
] as const;

/** The onboarding unit in six boxes: a picture of what it does, not of anybody's customers. */
export function UnitPicture() {
  return (
    <div className="pic" role="img" aria-label="Drawing of the onboarding unit">
      <svg className="edges" width="600" height="288" aria-hidden="true">
        <path d="M112 144H134" />
        <path d="M282 144H304" />
        <path d="M420 144H442" />
        <path d="M362 127V76Q362 66 372 66H454" />
        <path d="M514 161V205" />
        <circle cx="122" cy="144" r="4.5" />
        <circle cx="431" cy="144" r="4.5" />
      </svg>
      {boxes.map(({ left, top, kind, icon: Icon, name, vendor }) => (
        <span key={name} className={`hbox k-${kind}`} style={{ left, top }}>
          <span className="tile">
            <Icon className="i" />
          </span>
          {name}
          {vendor ? <span className="vendor">{vendor}</span> : null}
        </span>
      ))}
      <span className="pill" style={{ left: 362, top: 106 }}>
        &gt; 100 employees
      </span>
    </div>
  );
}
