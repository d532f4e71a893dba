/** Picks for whom a preview is made, by name or address. */

import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { usePeople } from "../data";
import { previewAs, usePreviewAs } from "./previewAs";

export function AsCustomer({ newest }: { newest: string }) {
  const chosen = usePreviewAs();
  const [search, setSearch] = useState("");
  const [open, setOpen] = useState(false);
  const [settled] = useDebouncedValue(search === chosen.name ? "" : search, 250);
  const { data: people = [], isFetching } = usePeople(settled, open);
  const options = people.map(({ id, name }) => ({ value: id, label: name }));
  if (chosen.id && !options.some(({ value }) => value === chosen.id))
    options.unshift({ value: chosen.id, label: chosen.name });
  return (
    <div className="as-customer" data-testid="preview-as">
      <span className="t2 s12">As</span>
      <Select
        aria-label="Preview for this customer"
        data={options}
        // The server has searched already, in names and addresses.
        filter={({ options: all }) => all}
        searchable
        clearable
        searchValue={search}
        onSearchChange={setSearch}
        onDropdownOpen={() => setOpen(true)}
        onDropdownClose={() => setOpen(false)}
        nothingFoundMessage={isFetching ? "Looking …" : "Nobody is called so"}
        placeholder={newest ? `${newest}, seen last` : "Nobody was seen yet"}
        value={chosen.id || null}
        onChange={(id) => previewAs(id ? { id, name: options.find(({ value }) => value === id)?.label ?? id } : null)}
        comboboxProps={{ zIndex: 700 }}
      />
    </div>
  );
}
