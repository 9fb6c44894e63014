# To be sourced: finding a Python that will do.

# Prints the name of a Python of version 3.11 or later that can make virtual environments, or says what to install.
find_python() {
    for python in python3 python3.14 python3.13 python3.12 python3.11; do
        "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue
        if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            echo "$python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv" >&2
            return 1
        fi
        echo "$python"
        return 0
    done
    echo "Python 3.11 or later is needed. On Debian or Ubuntu: apt install python3-venv. On macOS: brew install python" >&2
    return 1
}
