using System.Runtime.InteropServices;

// libc comes from the system, never from the working directory or a path that a store could contain.
[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
