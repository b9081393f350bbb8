using System.Runtime.InteropServices;

// What is next to this assembly (SQLite) or the system has (libc), never the working directory or a path that a store could contain.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
