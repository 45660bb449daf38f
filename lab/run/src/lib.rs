//! Plans and runs campaigns: builds, launches, checks, loads and stops servers.
