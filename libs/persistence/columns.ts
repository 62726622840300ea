import type { EntitySchemaColumnOptions, EntitySchemaOptions } from 'typeorm';

type EntitySchemaForeignKeyOptions = NonNullable<EntitySchemaOptions<unknown>['foreignKeys']>[number];
type Options = Partial<EntitySchemaColumnOptions>;

/** The drivers of the servers answer 64-bit integers as text. */
const bigintAsNumber = {
  to: (value: number | null | undefined) => value,
  from: (value: string | number | null) => (value === null ? null : Number(value)),
};

/** An instant as epoch milliseconds: the same order and arithmetic on every database. */
export const instant = (options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'bigint',
  transformer: bigintAsNumber,
  ...options,
});

export const id = (options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'varchar',
  length: 36,
  ...options,
});

export const primaryId = (): EntitySchemaColumnOptions => id({ primary: true });

export const text = (length: number, options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'varchar',
  length,
  ...options,
});

export const longText = (options: Options = {}): EntitySchemaColumnOptions => ({ type: 'text', ...options });

export const integer = (options: Options = {}): EntitySchemaColumnOptions => ({
  type: 'integer',
  ...options,
});

export const flag = (options: Options = {}): EntitySchemaColumnOptions => ({ type: 'boolean', ...options });

/** A foreign key, named explicitly so that migrations and schemas agree; `target` is the name of a schema. */
export const reference = (name: string, column: string, target: string): EntitySchemaForeignKeyOptions => ({
  name,
  target,
  columnNames: [column],
  referencedColumnNames: ['id'],
  onDelete: 'RESTRICT',
  onUpdate: 'RESTRICT',
});
