import { eventually, type OwnPostgres } from '@handover/testkit';
import { execFile } from 'node:child_process';
import { appendFile, chmod, chown, copyFile, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** Backups of a Postgres as an operator has them: a copy of its files, and its log, which is archived continuously. */
export interface Backups {
  /** Copies the files while the server serves; once. What they miss or have by halves is in the log. */
  takeBase(): Promise<void>;
  /** The server's time, in its own notation: what it has committed by now can be restored. */
  now(): Promise<string>;
  /** Resolves when all that was written until now is in the archive. */
  archiveLog(): Promise<void>;
  /**
   * From here on the server backed up is not needed any more.
   * @param time of the first one
   * @returns a directory to start a Postgres on, which recovers up to that time before it lets anybody in
   */
  restore(time: string): Promise<string>;
  /** Removes what was archived. */
  remove(): Promise<void>;
}

/** Makes a server archive its log; restarts it. */
export async function startBackups(postgres: OwnPostgres): Promise<Backups> {
  const directory = await mkdtemp(join(tmpdir(), 'handover-backup-'));
  // As root the server runs as another user, who must get in.
  await chmod(directory, 0o711);
  const [archive, base] = [join(directory, 'log'), join(directory, 'base')];
  const cluster = join(base, 'cluster');
  const { uid, gid } = await stat(postgres.cluster);
  for (const folder of [archive, cluster]) {
    await mkdir(folder, { recursive: true, mode: 0o711 });
    await chown(folder, uid, gid);
  }

  const admin = new pg.Client({ connectionString: postgres.adminUrl });
  await admin.connect();
  await admin.query('alter system set archive_mode = on');
  await admin.query(`alter system set archive_command = 'test ! -f "${archive}/%f" && cp "%p" "${archive}/%f"'`);
  await admin.end();
  await postgres.down();
  await postgres.up();

  const ask = async <Row extends object>(text: string): Promise<Row> => {
    const client = new pg.Client({ connectionString: postgres.adminUrl });
    await client.connect();
    try {
      const [row] = (await client.query<Row>(text)).rows;
      if (!row) throw new Error(`${text}: no answer`);
      return row;
    } finally {
      await client.end();
    }
  };

  return {
    async takeBase() {
      // Both ends of a backup belong to one session.
      const client = new pg.Client({ connectionString: postgres.adminUrl });
      await client.connect();
      await client.query(`select pg_backup_start('drill', fast => true)`);
      await copy(postgres.cluster, cluster);
      const { rows } = await client.query<{ label: string }>('select labelfile as label from pg_backup_stop()');
      await client.end();
      await writeFile(join(cluster, 'backup_label'), rows[0]?.label ?? '');
      await chown(join(cluster, 'backup_label'), uid, gid);
      await copyFile(join(dirname(postgres.cluster), 'password'), join(base, 'password'));
      await chown(join(base, 'password'), uid, gid);
    },
    now: async () => (await ask<{ now: string }>('select clock_timestamp()::text as now')).now,
    async archiveLog() {
      const { ended } = await ask<{ ended: string }>('select pg_walfile_name(pg_switch_wal()) as ended');
      await eventually(
        async () => {
          const { last } = await ask<{ last: string | null }>('select last_archived_wal as last from pg_stat_archiver');
          if ((last ?? '') < ended) throw new Error(`${ended} is not archived yet; the last one was ${String(last)}`);
        },
        { withinMs: 60_000, everyMs: 100 },
      );
    },
    async restore(time) {
      const settings = [
        `archive_mode = off`,
        `restore_command = 'cp "${archive}/%f" "%p"'`,
        `recovery_target_time = '${time}'`,
        `recovery_target_action = promote`,
        // Nobody is let in before it is done.
        `hot_standby = off`,
      ];
      await appendFile(join(cluster, 'postgresql.auto.conf'), `${settings.join('\n')}\n`);
      await writeFile(join(cluster, 'recovery.signal'), '');
      await chown(join(cluster, 'recovery.signal'), uid, gid);
      return base;
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Copies files that change meanwhile, with their owners; what is the running server's own, and its log, stays behind. */
async function copy(from: string, to: string): Promise<void> {
  const left = ['./pg_wal/*', './postmaster.pid', './postmaster.opts'].map((path) => `--exclude='${path}'`).join(' ');
  // The first one complains of files that changed or went; whether the copy is any good is told by the server that starts on it.
  await promisify(execFile)('sh', ['-c', `tar -C "$0" ${left} -cf - . 2>/dev/null | tar -C "$1" -xpf -`, from, to]);
}
