import { TableForeignKey, TableIndex, type TableColumnOptions } from 'typeorm';

type Column = TableColumnOptions;

export const id = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: 'varchar',
  length: '36',
  ...more,
});
export const text = (name: string, length: number, more: Partial<Column> = {}): Column => ({
  name,
  type: 'varchar',
  length: String(length),
  ...more,
});
export const longText = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: 'text',
  ...more,
});
export const integer = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: 'integer',
  ...more,
});
export const instant = (name: string, more: Partial<Column> = {}): Column => ({
  name,
  type: 'bigint',
  ...more,
});
export const flag = (name: string): Column => ({ name, type: 'boolean' });

export const primary = { isPrimary: true };
export const nullable = { isNullable: true };

export const reference = (table: string, column: string, to: string) =>
  new TableForeignKey({
    name: `${table}_${column}_fk`,
    columnNames: [column],
    referencedTableName: to,
    referencedColumnNames: ['id'],
    onDelete: 'RESTRICT',
    onUpdate: 'RESTRICT',
  });

export const index = (name: string, columnNames: string[], isUnique = false) =>
  new TableIndex({ name, columnNames, isUnique });
