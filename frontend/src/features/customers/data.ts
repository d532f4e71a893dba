import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { Journey } from "@/api/models";

/** One customer's whole journey, with traits and where they came from. */
export const useJourney = (id: string) =>
  useQuery({
    queryKey: ["journey", id],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/customers/{customer_id}/journey/", { params: { path: { customer_id: id } }, signal }),
      ) as Promise<Journey>,
  });
