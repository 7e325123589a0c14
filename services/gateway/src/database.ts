import type { ColumnType, Generated } from 'kysely';

/** A `json` column: parsed on reading, written as text. */
type Json<T> = ColumnType<T, string, string>;

/** Tables of the schema `gateway`, as queries see them. Times are read as ISO 8601 text. */
export interface GatewaySchema {
  assets: {
    tenant: string;
    id: string;
    asset_tag: string;
    name: string;
    status: string;
    status_at: string;
    custom_fields: Json<Record<string, unknown>>;
    created_at: Generated<string>;
    updated_at: Generated<string>;
  };
  asset_tags: { tenant: string; last_number: number };
  definitions: {
    tenant: string;
    id: string;
    slug: string;
    name: string;
    description: string;
    trigger_status: string | null;
    target_status: string | null;
    is_system: boolean;
    steps: Json<readonly unknown[]>;
    scenario: string;
    created_at: Generated<string>;
    deleted_at: string | null;
  };
  parties: { tenant: string; kind: 'personal' | 'business'; number: string; id: string };
  cases: {
    tenant: string;
    id: string;
    party: string;
    details: Json<Record<string, unknown>>;
    created_at: Generated<string>;
  };
  parameter_sets: {
    tenant: string;
    id: string;
    definition: string;
    parameters: Json<Record<string, unknown>>;
    created_at: Generated<string>;
  };
}
