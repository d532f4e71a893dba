/** The code editor is a chunk of its own: a form without code never loads it. */

import { lazy } from "react";

export const CodeEditor = lazy(() => import("./CodeEditor"));
