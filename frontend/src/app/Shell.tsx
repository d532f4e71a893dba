import { Menu, Tooltip, useMantineColorScheme } from "@mantine/core";
import {
  IconActivity,
  IconCheck,
  IconDeviceDesktop,
  IconHome,
  IconLogout,
  IconMoon,
  IconPlug,
  IconSearch,
  IconSettings,
  IconSun,
  IconUsers,
  IconUsersGroup,
} from "@tabler/icons-react";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { Link, Outlet, useLocation } from "react-router";
import { useMe, useSignOut } from "@/api/session";
import { Avatar } from "@/ui/Avatar";
import { Banner } from "@/ui/Banner";
import { Logo } from "@/ui/glyphs";
import { PageLoading } from "@/ui/PageLoading";
import { TopbarFrame } from "@/ui/Topbar";
import { Boundary } from "./Boundary";

const places = [
  { to: "/", label: "Home", icon: IconHome, also: /^\/$|^\/flows\// },
  { to: "/runs", label: "Runs, events and outbox", icon: IconActivity, also: /^\/(runs|events|outbox)/ },
  { to: "/customers", label: "Customers", icon: IconUsers, also: /^\/customers/ },
  { to: "/segments", label: "Segments", icon: IconUsersGroup, also: /^\/segments/ },
  { to: "/connectors", label: "Connectors", icon: IconPlug, also: /^\/connectors/ },
] as const;

const Glossary = lazy(async () => ({ default: (await import("./Glossary")).Glossary }));
const loadCommands = () => import("./CommandPalette");
const CommandPalette = lazy(async () => ({ default: (await loadCommands()).CommandPalette }));
/** Places that exist, also those that are a view of another. */
const PATHS: ReadonlySet<string> = new Set([...places.map(({ to }) => to), "/events", "/outbox", "/settings"]);

const schemes = [
  { value: "light", label: "Light", icon: IconSun },
  { value: "dark", label: "Dark", icon: IconMoon },
  { value: "auto", label: "Like the system", icon: IconDeviceDesktop },
] as const;

type Place = { to: string; label: string; icon: typeof IconHome; also: RegExp };

function RailLink({ to, label, icon: Icon, also }: Place) {
  const { pathname } = useLocation();
  return (
    <Tooltip label={label} position="right">
      <Link to={to} aria-label={label} aria-current={also.test(pathname) ? "page" : undefined}>
        <Icon className="i i18" />
      </Link>
    </Tooltip>
  );
}

function AccountMenu() {
  const me = useMe();
  const signOut = useSignOut();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu width={220}>
      <Menu.Target>
        <button type="button" className="icon-btn" aria-label={`Account of ${me.user.email}`}>
          <Avatar name={me.user.name || me.user.email} />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {me.user.email} · {me.role}
        </Menu.Label>
        <Menu.Divider />
        {schemes.map(({ value, label, icon: Icon }) => (
          <Menu.Item
            key={value}
            leftSection={<Icon className="i" />}
            rightSection={colorScheme === value ? <IconCheck className="i" aria-label="chosen" /> : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item component={Link} to="/settings" leftSection={<IconSettings className="i" />}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout className="i" />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Rail and the place for a page; pages bring their own top bar. */
export function Shell() {
  const me = useMe();
  const { pathname } = useLocation();
  const [box, setBox] = useState<"commands" | "words" | null>(null);
  useEffect(() => {
    const open = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== "k")
        return;
      event.preventDefault();
      // Drawn before the next key comes.
      flushSync(() => setBox((before) => (before === "commands" ? null : "commands")));
    };
    window.addEventListener("keydown", open);
    // Typed at once after Ctrl K, the first letters must find the field there.
    const idle = setTimeout(() => void loadCommands().catch(() => {}), 2_000);
    return () => {
      clearTimeout(idle);
      window.removeEventListener("keydown", open);
    };
  }, []);
  const frame = useMemo(() => ({ workspace: me.workspace.name, menu: <AccountMenu /> }), [me.workspace.name]);
  return (
    <TopbarFrame value={frame}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <div className="app">
        <nav className="rail" aria-label="Main">
          <Link to="/" className="logo" aria-label="flowstudio">
            <Logo />
          </Link>
          {places.map((place) => (
            <RailLink key={place.to} {...place} />
          ))}
          <span className="rail-push" />
          <Tooltip label="Everything  Ctrl K" position="right">
            <button
              type="button"
              aria-label="Everything that can be done"
              onClick={() => setBox("commands")}
              data-testid="open-palette"
            >
              <IconSearch className="i i18" />
            </button>
          </Tooltip>
          <RailLink to="/settings" label="Settings" icon={IconSettings} also={/^\/settings/} />
        </nav>
        <Suspense fallback={null}>
          {box === "commands" ? (
            <CommandPalette paths={PATHS} onGlossary={() => setBox("words")} onClose={() => setBox(null)} />
          ) : null}
          {box === "words" ? <Glossary opened onClose={() => setBox(null)} /> : null}
        </Suspense>
        <div className="place" id="main">
          {me.held && pathname !== "/restored" ? (
            <Banner
              action={
                <Link className="btn btn-line btn-sm" to="/restored">
                  Decide
                </Link>
              }
            >
              <span className="strong">A backup was restored: nothing moves</span> until somebody decides about what was
              sent since it was taken.
            </Banner>
          ) : null}
          <Boundary resetKey={pathname}>
            <Suspense fallback={<PageLoading />}>
              <Outlet />
            </Suspense>
          </Boundary>
        </div>
      </div>
    </TopbarFrame>
  );
}
