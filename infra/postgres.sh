# Starts a PostgreSQL of the tests' own where Debian's is installed, on a socket in a temporary folder; sets
# GATEKEEPER_TEST_POSTGRES and stops it with the shell that sources this. Says so where there is none.
start_postgres() {
    programs=$(ls -d /usr/lib/postgresql/*/bin /opt/homebrew/opt/postgresql*/bin 2>/dev/null | tail -n 1)
    if [ -n "${GATEKEEPER_TEST_POSTGRES:-}" ]; then
        return
    elif [ -z "$programs" ]; then
        echo "No PostgreSQL is installed, so its tests are skipped (Debian: apt install postgresql)" >&2
        return
    fi
    postgres_folder=$(mktemp -d)
    # PostgreSQL refuses to run as root
    as=
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$postgres_folder"
        as="runuser -u postgres --"
    fi
    $as "$programs/initdb" --auth=trust --username=tests --no-sync "$postgres_folder/data" >/dev/null
    $as "$programs/pg_ctl" --silent --wait --pgdata "$postgres_folder/data" --log "$postgres_folder/log" \
        --options "-k $postgres_folder -c listen_addresses='' -c fsync=off" start
    trap '$as "$programs/pg_ctl" --silent --mode immediate --pgdata "$postgres_folder/data" stop; rm -rf "$postgres_folder"' EXIT
    GATEKEEPER_TEST_POSTGRES="postgresql+psycopg://tests@/postgres?host=$postgres_folder"
    export GATEKEEPER_TEST_POSTGRES
}
