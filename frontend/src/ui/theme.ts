import {
  type CSSVariablesResolver,
  createTheme,
  Input,
  type MantineColorsTuple,
  Menu,
  Modal,
  Popover,
  Select,
  Tooltip,
} from "@mantine/core";

const ink: MantineColorsTuple = [
  "#f8f7f4",
  "#efeeeb",
  "#e9e8e5",
  "#dad9d5",
  "#bdbcb8",
  "#8f8e8b",
  "#6b6a67",
  "#565553",
  "#3a3937",
  "#1b1a18",
];

const pop = { transitionProps: { duration: 140, transition: "fade" as const }, offset: 4 };

/** Mantine in the product's language: ink as the one primary colour, controls 28 high, text 13. */
export const theme = createTheme({
  colors: { ink },
  primaryColor: "ink",
  primaryShade: 9,
  autoContrast: true,
  fontFamily: "var(--fs-font)",
  fontFamilyMonospace: "var(--fs-font-mono)",
  defaultRadius: "sm",
  radius: { xs: "4px", sm: "6px", md: "8px", lg: "10px", xl: "12px" },
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "14px", sm: "16px", md: "18px", lg: "20px", xl: "24px" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  focusRing: "never",
  respectReducedMotion: true,
  components: {
    Input: Input.extend({ vars: () => ({ wrapper: { "--input-height": "28px", "--input-fz": "13px" } }) }),
    Menu: Menu.extend({ defaultProps: { ...pop, position: "bottom-end" } }),
    Popover: Popover.extend({ defaultProps: pop }),
    Select: Select.extend({ defaultProps: { comboboxProps: pop, allowDeselect: false } }),
    Tooltip: Tooltip.extend({
      defaultProps: {
        openDelay: 350,
        transitionProps: { duration: 140 },
        events: { hover: true, focus: true, touch: false },
      },
    }),
    Modal: Modal.extend({ defaultProps: { centered: true, transitionProps: { duration: 140, transition: "fade" } } }),
  },
});

const variables = {
  "--mantine-color-body": "var(--fs-canvas)",
  "--mantine-color-text": "var(--fs-text)",
  "--mantine-color-dimmed": "var(--fs-text-2)",
  "--mantine-color-placeholder": "var(--fs-text-3)",
  "--mantine-color-anchor": "var(--fs-accent)",
  "--mantine-color-error": "var(--fs-failed)",
  "--mantine-color-default": "var(--fs-surface)",
  "--mantine-color-default-hover": "var(--fs-hover)",
  "--mantine-color-default-color": "var(--fs-text)",
  "--mantine-color-default-border": "var(--fs-line-field)",
  "--mantine-primary-color-filled": "var(--fs-ink)",
  "--mantine-primary-color-filled-hover": "var(--fs-ink-hover)",
  "--mantine-primary-color-contrast": "var(--fs-on-ink)",
};

/** The same for light and dark, because the tokens switch by themselves. */
export const resolver: CSSVariablesResolver = () => ({ variables: {}, light: variables, dark: variables });
