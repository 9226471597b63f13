// What every process of the shop and every command knows of its flags.
import { defineConfig } from 'sluice'

export default defineConfig({
  // The classes whose actors flags are asked for. The ids of customers are those of the shop's older application.
  actors: {
    Customer: { id: 'Customer;{id}' },
    Store: {},
  },
})
