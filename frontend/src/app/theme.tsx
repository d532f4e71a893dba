import { localStorageColorSchemeManager, MantineProvider, useComputedColorScheme } from "@mantine/core";
import { type ReactNode, useLayoutEffect } from "react";
import { nonce } from "@/ui/nonce";
import { resolver, theme } from "@/ui/theme";

// The kit's scroll lock (react-remove-scroll) takes the nonce of its style element from here.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce();

const manager = localStorageColorSchemeManager({ key: "flowstudio-theme" });

/** Keeps `data-theme`, which the tokens read, in step with Mantine's colour scheme. */
function Follow() {
  const scheme = useComputedColorScheme("light", { getInitialValueInEffect: false });
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = scheme;
  }, [scheme]);
  return null;
}

/** The look of everything below it: tokens, kit, light, dark or the system's choice. */
export function Theme({ children }: { children: ReactNode }) {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={resolver}
      colorSchemeManager={manager}
      defaultColorScheme="auto"
      getStyleNonce={nonce}
    >
      <Follow />
      {children}
    </MantineProvider>
  );
}
