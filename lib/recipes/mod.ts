/**
 * Recipes: how models are trained, as plain data that can be printed, compared, changed by a line, and
 * made into a training.
 *
 * @module
 */

export { diffRecipes, formatRecipe, override, recipeFields } from "./change.ts";
export type { RecipeDifference } from "./change.ts";
export { recipeData } from "./data.ts";
export type { ImageSets, RecipeData } from "./data.ts";
export { byName, models } from "./models.ts";
export type { ModelEntry, ModelOptions } from "./models.ts";
export { recipes } from "./named.ts";
export { parseRecipe } from "./parse.ts";
export type {
  AugmentChoice,
  DataChoice,
  DataName,
  LengthChoice,
  MixChoice,
  ModelChoice,
  OptimizerChoice,
  Recipe,
  ScheduleChoice,
  TestCrop,
  WarmupChoice,
} from "./recipe.ts";
export type { Measurement } from "./schedule.ts";
export { trainingParts } from "./training_parts.ts";
export type { TrainingParts, TrainingSize } from "./training_parts.ts";
