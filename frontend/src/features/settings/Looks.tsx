import { useMantineColorScheme } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";

const choices = [
  { value: "light", name: "Light", themes: ["light"] },
  { value: "dark", name: "Dark", themes: ["dark"] },
  { value: "auto", name: "As the system", themes: ["light", "dark"] },
] as const;

/** Light, dark or as the system; kept in this browser. */
export function Looks() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <section id="appearance" aria-labelledby="appearance-h">
      <div className="sh">
        <h2 id="appearance-h">Appearance</h2>
        <p>Yours alone, in this browser</p>
      </div>
      <div className="looks" role="radiogroup" aria-labelledby="appearance-h">
        {choices.map(({ value, name, themes }) => (
          <button
            key={value}
            type="button"
            role="radio"
            aria-checked={colorScheme === value}
            className={colorScheme === value ? "look on" : "look"}
            onClick={() => setColorScheme(value)}
          >
            <span className="scenes">
              {themes.map((theme) => (
                <span key={theme} className="scene" data-theme={theme}>
                  <i />
                  <span className="cards">
                    {["trigger", "data", "message", "goal"].map((kind) => (
                      <span key={kind} className={`k-${kind}`} />
                    ))}
                  </span>
                </span>
              ))}
            </span>
            <span className="look-name">
              {colorScheme === value ? <IconCheck className="i i14" /> : null}
              {name}
            </span>
          </button>
        ))}
      </div>
    </section>
  );
}
