import { useState } from "react";
import { useNavigate } from "react-router";
import { useFlowActions } from "./flows";

/** Makes a flow and opens it on the canvas. */
export function useStart() {
  const navigate = useNavigate();
  const { create } = useFlowActions();
  const [wrong, setWrong] = useState("");
  const start = async (made: { name: string; template?: string }) => {
    setWrong("");
    try {
      const flow = await create.mutateAsync(made);
      navigate(`/flows/${flow.id}`);
    } catch (reason) {
      setWrong((reason as Error).message);
    }
  };
  return { start, wrong, busy: create.isPending };
}
