import { useQuery } from "@tanstack/react-query";
import { get } from "@/api/http";
import type { Journey } from "@/api/models";

/** One customer's whole journey, with traits and where they came from. */
export const useJourney = (id: string) =>
  useQuery({
    queryKey: ["journey", id],
    queryFn: ({ signal }) => get<Journey>(`customers/${id}/journey/`, undefined, signal),
  });
