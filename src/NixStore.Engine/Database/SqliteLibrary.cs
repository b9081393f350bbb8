using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using NixStore.Engine.Native;

namespace NixStore.Engine.Database;

/// <summary>
/// What the managed packages do not offer of SQLite's C interface: persistent WAL files, and system calls that leave access and change times
/// alone, so that looking at a store changes nothing at all.
/// </summary>
/// <remarks>
/// <c>xSetSystemCall</c> of the unix VFS exists so that the operating system's calls can be replaced (sqlite.org/c3ref/vfs.html). It
/// concerns the copy of SQLite that this product brings, not that of another module.
/// </remarks>
internal static unsafe partial class SqliteLibrary
{
    private const int PersistWal = 10;
    private static readonly Lazy<bool> s_ready = new(Prepare);

    /// <summary>Loads SQLite and installs the system calls; every connection of this product is made after this.</summary>
    /// <exception cref="NixStoreException">LibraryNotFound</exception>
    internal static void EnsureReady()
    {
        try
        {
            _ = s_ready.Value;
        }
        catch (DllNotFoundException error)
        {
            throw new NixStoreException("LibraryNotFound", StoreErrorKind.NotFound, "SQLite's library, e_sqlite3, is not there or cannot be loaded.",
                "e_sqlite3", "It is a part of NixStore: for the executable, libe_sqlite3.so in the same directory. Copy or install NixStore whole.", error);
        }
    }

    /// <summary>Keeps the -wal file when the last connection closes, as Nix does (Nix libstore/sqlite.cc).</summary>
    internal static void KeepWal(SQLitePCL.sqlite3 connection)
    {
        var on = 1;
        _ = FileControl(connection.DangerousGetHandle(), null, PersistWal, &on);
    }

    /// <summary>The bytes of a value as it is stored, valid until the next step.</summary>
    internal static ReadOnlySpan<byte> ColumnBytes(nint statement, int column)
    {
        var bytes = ColumnBlob(statement, column);
        return new ReadOnlySpan<byte>(bytes, bytes == null ? 0 : ColumnLength(statement, column));
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_step")]
    internal static partial int Step(nint statement);

    // These only read what the step has found: so short that telling the collector of them costs more than they do.
    [SuppressGCTransition]
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_int64")]
    internal static partial long ColumnInt64(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_type")]
    internal static partial int ColumnType(nint statement, int column);

    [SuppressGCTransition]
    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_bytes")]
    private static partial int ColumnLength(nint statement, int column);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_column_blob")]
    private static partial byte* ColumnBlob(nint statement, int column);

    private static bool Prepare()
    {
        SQLitePCL.Batteries_V2.Init();
        var vfs = FindVfs(null);
        if (vfs != null && vfs->Version >= 3 && vfs->SetSystemCall != null)
        {
            fixed (byte* open = "open\0"u8, fchown = "fchown\0"u8)
            {
                _ = vfs->SetSystemCall(vfs, open, (delegate* unmanaged[Cdecl]<byte*, int, int, int>)&OpenWithoutAccessTime);
                _ = vfs->SetSystemCall(vfs, fchown, (delegate* unmanaged[Cdecl]<int, uint, uint, int>)&ChangeOwnerIfOther);
            }
        }

        return true;
    }

    /// <summary>
    /// Run by root, SQLite gives each log that it opens to the owner of the database, whose it is already; even that would write a new change time.
    /// </summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int ChangeOwnerIfOther(int descriptor, uint owner, uint group)
    {
        byte empty = 0;
        FileStatus status;
        return Libc.Statx(descriptor, &empty, Posix.AtEmptyPath, Posix.StatxBasic, &status) == 0 && status.Owner == owner && status.Group == group
            ? 0 : Libc.FchownAt(descriptor, &empty, owner, group, Posix.AtEmptyPath);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OpenWithoutAccessTime(byte* path, int flags, int mode)
    {
        const int workingDirectory = -100;
        var descriptor = Libc.OpenAt(workingDirectory, path, flags | OpenFlags.NoAccessTime, (uint)mode);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == Errno.NotPermitted)
        {
            descriptor = Libc.OpenAt(workingDirectory, path, flags, (uint)mode);
        }

        if (descriptor < 0)
        {
            // SQLite reads errno after this call.
            Marshal.SetLastSystemError(Marshal.GetLastPInvokeError());
        }

        return descriptor;
    }

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_vfs_find")]
    private static partial Vfs* FindVfs(byte* name);

    [LibraryImport("e_sqlite3", EntryPoint = "sqlite3_file_control")]
    private static partial int FileControl(nint connection, byte* database, int operation, int* argument);

    /// <summary>struct sqlite3_vfs, version 3.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Vfs
    {
        internal int Version;
        internal int FileSize;
        internal int MaximumPathLength;
        internal nint Next;
        internal nint Name;
        internal nint ApplicationData;
        internal nint Open;
        internal nint Delete;
        internal nint Access;
        internal nint FullPathName;
        internal nint DlOpen;
        internal nint DlError;
        internal nint DlSym;
        internal nint DlClose;
        internal nint Randomness;
        internal nint Sleep;
        internal nint CurrentTime;
        internal nint GetLastError;
        internal nint CurrentTimeInt64;
        internal delegate* unmanaged[Cdecl]<Vfs*, byte*, void*, int> SetSystemCall;
    }
}
