import { layerLaws } from "../laws.ts";
import { LAYERS } from "./table.ts";

for (const { name, layer, shape, ...options } of LAYERS) layerLaws(name, layer, shape, options);
