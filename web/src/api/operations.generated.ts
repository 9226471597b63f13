// What the routes of the server take and answer. Written by scripts/openapi-types.js from the OpenAPI document: do not edit it.

export interface Operations {
  readonly changeFeature: {
    readonly path: 'POST /api/v4/features/{name}/changes'
    readonly body: {
      readonly operations: readonly ({
        readonly op: 'enable' | 'disable' | 'delete' | 'percentage_of_actors' | 'percentage_of_time' | 'add' | 'remove'
        readonly value?: number
        readonly list?: 'actors' | 'never' | 'groups'
        readonly ids?: readonly string[]
      })[]
      readonly reason?: string
      readonly dry_run?: boolean
      readonly actor_class?: string
      readonly change_id?: string
      readonly force?: boolean
      readonly confirm?: string
      readonly wait?: boolean
    }
    readonly answer: {
      readonly flag: {
        readonly name: string
        readonly state: 'on' | 'off' | 'conditional'
        readonly gates: readonly ({
          readonly key: 'boolean' | 'actors' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly value: boolean | number | (readonly string[])
        })[]
        readonly definition: {
          readonly name: string
          readonly description: string | null
          readonly feature_issue_url: string | null
          readonly introduced_by_url: string | null
          readonly rollout_issue_url: string | null
          readonly milestone: string | null
          readonly log_state_changes: boolean | null
          readonly group: string | null
          readonly type: string
          readonly default_enabled: boolean
          readonly intended_to_rollout_by: string | null
          readonly actor: (readonly string[]) | null
        } | null
        readonly revision: string | null
      }
      readonly change: {
        readonly id: string
        readonly position: {
          readonly version: string
          readonly nonce: string
        } | null
      } | null
      readonly repeated?: boolean
      readonly unmatched?: readonly string[]
      readonly processes?: {
        readonly live: number
        readonly confirmed: number
        readonly lagging: readonly string[]
      } | null
    } | {
      readonly name: string
      readonly revision: string
      readonly changed: boolean
      readonly before: {
        readonly state: 'on' | 'off' | 'conditional'
        readonly stored: boolean
        readonly summary: string
      }
      readonly after: {
        readonly state: 'on' | 'off' | 'conditional'
        readonly stored: boolean
        readonly summary: string
      }
      readonly gates: readonly ({
        readonly gate: 'boolean' | 'actors' | 'never' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
        readonly before: boolean | number
        readonly after: boolean | number
        readonly added?: readonly string[]
        readonly removed?: readonly string[]
      })[]
      readonly wiped: {
        readonly actors: number
        readonly never: number
        readonly groups: number
      }
      readonly effect: {
        readonly actor_class: string | null
        readonly known: number | null
        readonly sample: number
        readonly of: 'application' | 'lists' | null
        readonly gain: number
        readonly lose: number
        readonly margin: number
        readonly unknown: number
        readonly gain_first: readonly string[]
        readonly lose_first: readonly string[]
        readonly without_actor: {
          readonly before: number
          readonly after: number
        }
        readonly everybody: boolean
      }
      readonly narrows: boolean
      readonly unmatched?: readonly string[]
      readonly warnings: readonly ({
        readonly code: 'default_on_trap' | 'sample_failed'
        readonly message: string
        readonly safer: readonly ({
          readonly op: 'enable' | 'disable' | 'delete' | 'percentage_of_actors' | 'percentage_of_time' | 'add' | 'remove'
          readonly value?: number
          readonly list?: 'actors' | 'never' | 'groups'
          readonly ids?: readonly string[]
        })[]
        readonly cli: string | null
      })[]
      readonly level: 0 | 1 | 2
      readonly confirm?: string
      readonly commands: {
        readonly cli: string | null
        readonly curl: string
        readonly chatops: string | null
      }
    }
  }
  readonly changeWebFlags: {
    readonly path: 'POST /api/web/changes'
    readonly body: {
      readonly flags: readonly ({
        readonly name: string
        readonly revision?: string
      })[]
      readonly operation: 'disable' | 'delete'
      readonly change_id?: string
      readonly reason?: string
      readonly dry_run?: boolean
      readonly confirm?: string
    }
    readonly answer: {
      readonly flags: readonly ({
        readonly name: string
        readonly state: 'on' | 'off' | 'conditional'
        readonly gates: readonly ({
          readonly key: 'boolean' | 'actors' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly value: boolean | number | (readonly string[])
        })[]
        readonly definition: {
          readonly name: string
          readonly description: string | null
          readonly feature_issue_url: string | null
          readonly introduced_by_url: string | null
          readonly rollout_issue_url: string | null
          readonly milestone: string | null
          readonly log_state_changes: boolean | null
          readonly group: string | null
          readonly type: string
          readonly default_enabled: boolean
          readonly intended_to_rollout_by: string | null
          readonly actor: (readonly string[]) | null
        } | null
        readonly revision: string | null
      })[]
      readonly change: {
        readonly id: string
        readonly position: {
          readonly version: string
          readonly nonce: string
        } | null
      } | null
      readonly repeated?: boolean
    } | {
      readonly flags: readonly ({
        readonly name: string
        readonly revision: string
        readonly changed: boolean
        readonly before: {
          readonly state: 'on' | 'off' | 'conditional'
          readonly stored: boolean
          readonly summary: string
        }
        readonly after: {
          readonly state: 'on' | 'off' | 'conditional'
          readonly stored: boolean
          readonly summary: string
        }
        readonly gates: readonly ({
          readonly gate: 'boolean' | 'actors' | 'never' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly before: boolean | number
          readonly after: boolean | number
          readonly added?: readonly string[]
          readonly removed?: readonly string[]
        })[]
        readonly wiped: {
          readonly actors: number
          readonly never: number
          readonly groups: number
        }
        readonly effect: {
          readonly actor_class: string | null
          readonly known: number | null
          readonly sample: number
          readonly of: 'application' | 'lists' | null
          readonly gain: number
          readonly lose: number
          readonly margin: number
          readonly unknown: number
          readonly gain_first: readonly string[]
          readonly lose_first: readonly string[]
          readonly without_actor: {
            readonly before: number
            readonly after: number
          }
          readonly everybody: boolean
        }
        readonly narrows: boolean
        readonly unmatched?: readonly string[]
        readonly warnings: readonly ({
          readonly code: 'default_on_trap' | 'sample_failed'
          readonly message: string
          readonly safer: readonly ({
            readonly op: 'enable' | 'disable' | 'delete' | 'percentage_of_actors' | 'percentage_of_time' | 'add' | 'remove'
            readonly value?: number
            readonly list?: 'actors' | 'never' | 'groups'
            readonly ids?: readonly string[]
          })[]
          readonly cli: string | null
        })[]
        readonly level: 0 | 1 | 2
      })[]
      readonly level: 0 | 1 | 2
      readonly confirm?: string
    }
  }
  readonly explainFeature: {
    readonly path: 'POST /api/v4/features/{name}/explain'
    readonly body: {
      readonly actors: readonly string[]
      readonly at?: string
      readonly type?: string
    }
    readonly answer: {
      readonly name: string
      readonly actors: readonly string[]
      readonly value: boolean | null
      readonly reason: string
      readonly chance: number
      readonly approximate: readonly string[]
      readonly steps: readonly ({
        readonly gate: string
        readonly open: boolean | null
        readonly decides: boolean
        readonly why: string
        readonly detail?: {
          readonly input: string
          readonly joined_id: string
          readonly checksum: number
          readonly bucket: number
          readonly threshold: number
        }
      })[]
      readonly as_of: {
        readonly position: {
          readonly version: string
          readonly nonce: string | null
        } | null
        readonly at: string | null
        readonly from: 'store' | 'memory' | 'stub'
      }
      readonly by: {
        readonly change_id: string | null
        readonly position: {
          readonly version: string
          readonly nonce: string
        } | null
        readonly at: string
        readonly author: string
        readonly source: string
        readonly reason: string | null
      } | null
    }
  }
  readonly explainWebFlags: {
    readonly path: 'POST /api/web/explain'
    readonly body: {
      readonly actors: readonly string[]
      readonly at?: string
      readonly only?: 'on' | 'different'
      readonly than?: {
        readonly actors?: readonly string[]
        readonly at?: string
      }
    }
    readonly answer: {
      readonly as_of: {
        readonly position: {
          readonly version: string
          readonly nonce: string | null
        } | null
        readonly at: string | null
        readonly from: 'store' | 'memory' | 'stub'
      }
      readonly than_as_of?: {
        readonly position: {
          readonly version: string
          readonly nonce: string | null
        } | null
        readonly at: string | null
        readonly from: 'store' | 'memory' | 'stub'
      }
      readonly flags: readonly ({
        readonly name: string
        readonly value: boolean | null
        readonly reason: string
        readonly chance: number
        readonly approximate: readonly string[]
        readonly default: boolean | null
        readonly than?: {
          readonly value: boolean | null
          readonly reason: string
          readonly chance: number
          readonly approximate: readonly string[]
        }
      })[]
    }
  }
  readonly findWebActors: {
    readonly path: 'POST /api/web/actors/find'
    readonly body: {
      readonly actor_class: string
      readonly paths: readonly string[]
    }
    readonly answer: {
      readonly ids: Readonly<Record<string, string>> | null
    }
  }
  readonly getSession: {
    readonly path: 'GET /api/web/session'
    readonly answer: {
      readonly csrf: string | null
      readonly name: string
      readonly role: 'admin' | 'write' | 'approve' | 'read' | 'projects'
      readonly scopes: readonly string[]
      readonly projects: 'all' | (readonly ({
        readonly id: number
        readonly right: 'read' | 'write' | 'maintain'
      })[])
      readonly expires_at: string | null
    }
  }
  readonly getWebBoot: {
    readonly path: 'GET /api/web/boot'
    readonly answer: {
      readonly version: string
      readonly environment: string
      readonly band: 'production' | 'staging' | 'other'
      readonly signed_in: boolean | null
      readonly database: string | null
      readonly resources: readonly string[]
      readonly warnings: readonly ({
        readonly code: 'tls_needed' | 'store_unavailable'
        readonly message: string
      })[]
    }
  }
  readonly getWebFlag: {
    readonly path: 'GET /api/web/flags/{name}'
    readonly query: {
      readonly actor_class?: string
    }
    readonly answer: {
      readonly flag: {
        readonly name: string
        readonly revision: string | null
        readonly stored: boolean
        readonly state: 'on' | 'off' | 'conditional' | 'default'
        readonly summary: string
        readonly gates: {
          readonly boolean: boolean
          readonly percentage_of_actors: number
          readonly percentage_of_time: number
          readonly groups: readonly string[]
          readonly actors: {
            readonly count: number
            readonly first: readonly string[]
          }
          readonly never: {
            readonly count: number
            readonly first: readonly string[]
          }
          readonly unknown: readonly ({
            readonly key: string
            readonly count: number
            readonly first: readonly string[]
          })[]
        }
      }
      readonly position: string | null
      readonly degraded: boolean
      readonly age_ms: number | null
      readonly definition: {
        readonly name: string | null
        readonly description: string | null
        readonly feature_issue_url: string | null
        readonly introduced_by_url: string | null
        readonly rollout_issue_url: string | null
        readonly milestone: string | null
        readonly log_state_changes: boolean | null
        readonly group: string | null
        readonly type: string | null
        readonly default_enabled: boolean | null
        readonly intended_to_rollout_by: string | null
        readonly actor: (readonly string[]) | null
        readonly file: string
        readonly line: number
        readonly ee: boolean
        readonly overdue: boolean
        readonly faults: readonly ({
          readonly file: string
          readonly line: number | null
          readonly field: string | null
          readonly severity: 'error' | 'warning'
          readonly problem: string
          readonly remedy: string
          readonly message: string
        })[]
      } | null
      readonly effect: {
        readonly actor_class: string | null
        readonly classes: readonly string[]
        readonly known: number | null
        readonly sample: number
        readonly of: 'application' | 'lists' | null
        readonly on: number
        readonly margin: number
        readonly by_percent: readonly number[]
      }
      readonly history: readonly ({
        readonly change_id: string | null
        readonly position: string | null
        readonly at: string
        readonly author: string
        readonly source: string
        readonly reason: string | null
        readonly flags: readonly ({
          readonly name: string
          readonly sentence: string
        })[]
      })[]
      readonly groups_known: readonly string[]
      readonly environments: readonly unknown[]
      readonly policy: null
    }
  }
  readonly listWebChanges: {
    readonly path: 'GET /api/web/history'
    readonly query: {
      readonly flag?: string
      readonly author?: string
      readonly source?: string
      readonly change_id?: string
      readonly from?: string
      readonly to?: string
      readonly q?: string
      readonly before?: string
      readonly limit?: string
    }
    readonly answer: {
      readonly entries: readonly ({
        readonly change_id: string | null
        readonly position: string
        readonly at: string
        readonly author: string
        readonly source: string
        readonly reason: string | null
        readonly untracked: boolean
        readonly flags: (readonly ({
          readonly name: string
          readonly sentence: string
          readonly gates: readonly string[]
        })[]) | null
        readonly counts: {
          readonly flags: number
          readonly added: number
          readonly removed: number
        }
        readonly undoes: string | null
        readonly restores: string | null
      })[]
      readonly next: string | null
    }
  }
  readonly listWebFlagActors: {
    readonly path: 'GET /api/web/flags/{name}/actors'
    readonly query: {
      readonly list?: 'on' | 'never'
    }
    readonly answer: {
      readonly revision: string | null
      readonly ids: readonly string[]
    }
  }
  readonly listWebFlagChecks: {
    readonly path: 'GET /api/web/flags/{name}/checks'
    readonly query: {
      readonly hours?: string
    }
    readonly answer: {
      readonly step_s: number
      readonly from: string
      readonly on: readonly number[]
      readonly off: readonly number[]
      readonly processes: number
    }
  }
  readonly listWebFlags: {
    readonly path: 'GET /api/web/flags'
    readonly answer: {
      readonly position: string | null
      readonly at: string
      readonly names: readonly string[]
      readonly columns: {
        readonly state: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly default_enabled: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly type?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly group?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly milestone?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly ee?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly overdue?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly stored?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly changed_at?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly changed_by?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly percentage_of_actors?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly actors?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly groups?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly percentage_of_time?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly never?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
        readonly fault?: {
          readonly values: readonly unknown[]
          readonly cells?: readonly number[]
        }
      }
    }
  }
  readonly listWebProcesses: {
    readonly path: 'GET /api/web/processes'
    readonly answer: {
      readonly position: string | null
      readonly processes: (readonly ({
        readonly id: string
        readonly host: string
        readonly version: string | null
        readonly position: string | null
        readonly age_ms: number
      })[]) | null
    }
  }
  readonly nameWebActors: {
    readonly path: 'POST /api/web/actors/names'
    readonly body: {
      readonly ids: readonly string[]
    }
    readonly answer: {
      readonly names: Readonly<Record<string, {
        readonly label: string
        readonly url: string | null
      }>>
    }
  }
  readonly restoreFeature: {
    readonly path: 'POST /api/v4/features/{name}/restore'
    readonly body: {
      readonly change_id?: string
      readonly revision?: string
      readonly at?: string
      readonly accept_untracked?: boolean
      readonly new_change_id?: string
      readonly actor_class?: string
      readonly reason?: string
      readonly dry_run?: boolean
      readonly confirm?: string
    }
    readonly answer: {
      readonly flag: {
        readonly name: string
        readonly state: 'on' | 'off' | 'conditional'
        readonly gates: readonly ({
          readonly key: 'boolean' | 'actors' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly value: boolean | number | (readonly string[])
        })[]
        readonly definition: {
          readonly name: string
          readonly description: string | null
          readonly feature_issue_url: string | null
          readonly introduced_by_url: string | null
          readonly rollout_issue_url: string | null
          readonly milestone: string | null
          readonly log_state_changes: boolean | null
          readonly group: string | null
          readonly type: string
          readonly default_enabled: boolean
          readonly intended_to_rollout_by: string | null
          readonly actor: (readonly string[]) | null
        } | null
        readonly revision: string | null
      }
      readonly change: {
        readonly id: string
        readonly position: {
          readonly version: string
          readonly nonce: string
        } | null
      } | null
      readonly repeated?: boolean
    } | {
      readonly name: string
      readonly revision: string
      readonly changed: boolean
      readonly before: {
        readonly state: 'on' | 'off' | 'conditional'
        readonly stored: boolean
        readonly summary: string
      }
      readonly after: {
        readonly state: 'on' | 'off' | 'conditional'
        readonly stored: boolean
        readonly summary: string
      }
      readonly gates: readonly ({
        readonly gate: 'boolean' | 'actors' | 'never' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
        readonly before: boolean | number
        readonly after: boolean | number
        readonly added?: readonly string[]
        readonly removed?: readonly string[]
      })[]
      readonly wiped: {
        readonly actors: number
        readonly never: number
        readonly groups: number
      }
      readonly effect: {
        readonly actor_class: string | null
        readonly known: number | null
        readonly sample: number
        readonly of: 'application' | 'lists' | null
        readonly gain: number
        readonly lose: number
        readonly margin: number
        readonly unknown: number
        readonly gain_first: readonly string[]
        readonly lose_first: readonly string[]
        readonly without_actor: {
          readonly before: number
          readonly after: number
        }
        readonly everybody: boolean
      }
      readonly narrows: boolean
      readonly unmatched?: readonly string[]
      readonly warnings: readonly ({
        readonly code: 'default_on_trap' | 'sample_failed'
        readonly message: string
        readonly safer: readonly ({
          readonly op: 'enable' | 'disable' | 'delete' | 'percentage_of_actors' | 'percentage_of_time' | 'add' | 'remove'
          readonly value?: number
          readonly list?: 'actors' | 'never' | 'groups'
          readonly ids?: readonly string[]
        })[]
        readonly cli: string | null
      })[]
      readonly level: 0 | 1 | 2
      readonly confirm?: string
      readonly to: {
        readonly version: string
        readonly at: string | null
        readonly revision: string
        readonly uncertain: readonly ({
          readonly gate: string | null
          readonly value: string | null
          readonly stored: boolean
        })[]
      }
      readonly later: readonly ({
        readonly change_id: string | null
        readonly at: string
        readonly author: string
        readonly source: string
        readonly reason: string | null
        readonly sentence: string
      })[]
    }
  }
  readonly signIn: {
    readonly path: 'POST /api/web/session'
    readonly body: unknown
    readonly answer: {
      readonly csrf: string | null
      readonly name: string
      readonly role: 'admin' | 'write' | 'approve' | 'read' | 'projects'
      readonly scopes: readonly string[]
      readonly projects: 'all' | (readonly ({
        readonly id: number
        readonly right: 'read' | 'write' | 'maintain'
      })[])
      readonly expires_at: string | null
    }
  }
  readonly signOut: {
    readonly path: 'DELETE /api/web/session'
    readonly query: {
      readonly everywhere?: 'true' | 'false'
    }
  }
  readonly streamWebEvents: {
    readonly path: 'GET /api/web/events'
    readonly query: {
      readonly topics?: string
      readonly since?: string
    }
  }
  readonly undoFeatureChange: {
    readonly path: 'POST /api/v4/features/{name}/undo'
    readonly body: {
      readonly change_id: string
      readonly new_change_id?: string
      readonly actor_class?: string
      readonly reason?: string
      readonly dry_run?: boolean
      readonly confirm?: string
    }
    readonly answer: {
      readonly flag: {
        readonly name: string
        readonly state: 'on' | 'off' | 'conditional'
        readonly gates: readonly ({
          readonly key: 'boolean' | 'actors' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly value: boolean | number | (readonly string[])
        })[]
        readonly definition: {
          readonly name: string
          readonly description: string | null
          readonly feature_issue_url: string | null
          readonly introduced_by_url: string | null
          readonly rollout_issue_url: string | null
          readonly milestone: string | null
          readonly log_state_changes: boolean | null
          readonly group: string | null
          readonly type: string
          readonly default_enabled: boolean
          readonly intended_to_rollout_by: string | null
          readonly actor: (readonly string[]) | null
        } | null
        readonly revision: string | null
      }
      readonly names: readonly string[]
      readonly change: {
        readonly id: string
        readonly position: {
          readonly version: string
          readonly nonce: string
        } | null
      } | null
      readonly repeated?: boolean
    } | {
      readonly change_id: string
      readonly flags: readonly ({
        readonly name: string
        readonly revision: string
        readonly changed: boolean
        readonly before: {
          readonly state: 'on' | 'off' | 'conditional'
          readonly stored: boolean
          readonly summary: string
        }
        readonly after: {
          readonly state: 'on' | 'off' | 'conditional'
          readonly stored: boolean
          readonly summary: string
        }
        readonly gates: readonly ({
          readonly gate: 'boolean' | 'actors' | 'never' | 'percentage_of_actors' | 'percentage_of_time' | 'groups'
          readonly before: boolean | number
          readonly after: boolean | number
          readonly added?: readonly string[]
          readonly removed?: readonly string[]
        })[]
        readonly wiped: {
          readonly actors: number
          readonly never: number
          readonly groups: number
        }
        readonly effect: {
          readonly actor_class: string | null
          readonly known: number | null
          readonly sample: number
          readonly of: 'application' | 'lists' | null
          readonly gain: number
          readonly lose: number
          readonly margin: number
          readonly unknown: number
          readonly gain_first: readonly string[]
          readonly lose_first: readonly string[]
          readonly without_actor: {
            readonly before: number
            readonly after: number
          }
          readonly everybody: boolean
        }
        readonly narrows: boolean
        readonly unmatched?: readonly string[]
        readonly warnings: readonly ({
          readonly code: 'default_on_trap' | 'sample_failed'
          readonly message: string
          readonly safer: readonly ({
            readonly op: 'enable' | 'disable' | 'delete' | 'percentage_of_actors' | 'percentage_of_time' | 'add' | 'remove'
            readonly value?: number
            readonly list?: 'actors' | 'never' | 'groups'
            readonly ids?: readonly string[]
          })[]
          readonly cli: string | null
        })[]
        readonly level: 0 | 1 | 2
      })[]
      readonly later: readonly ({
        readonly change_id: string | null
        readonly at: string
        readonly author: string
        readonly source: string
        readonly reason: string | null
        readonly sentence: string
      })[]
      readonly level: 0 | 1 | 2
      readonly confirm?: string
    }
  }
}

/** What an operation answers when all goes well. */
export type Answer<Id extends keyof Operations> = Operations[Id] extends { readonly answer: infer A } ? A : never
/** The body that an operation takes. */
export type Sent<Id extends keyof Operations> = Operations[Id] extends { readonly body: infer B } ? B : never
