using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NixStore.Catalog.DuckDB;

/// <summary>The function <c>nix32(blob)</c> of every session: bytes in Nix's base 32.</summary>
internal static unsafe partial class Nix32Function
{
    private const string Library = "duckdb";

    // Of SHA-512, the longest hash there is; what is longer is no hash and is cut.
    private const int MaximumBytes = 64;
    private const int MaximumLength = 103;

    /// <summary>Adds it to a session.</summary>
    internal static void Register(nint connection)
    {
        var function = CreateFunction();
        var blob = DuckLibrary.CreateType(DuckType.Blob);
        var text = DuckLibrary.CreateType(DuckType.Text);
        SetName(function, "nix32");
        AddParameter(function, blob);
        SetReturnType(function, text);
        SetFunction(function, &Run);
        var state = RegisterFunction(connection, function);
        DuckLibrary.DestroyType(ref blob);
        DuckLibrary.DestroyType(ref text);
        DestroyFunction(ref function);
        if (state != DuckLibrary.Success)
        {
            throw DuckException.From("The function nix32 cannot be added.");
        }
    }

    // Nulls do not come here: what has a null among its arguments is null.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Run(nint info, nint input, nint output)
    {
        var count = (int)DuckLibrary.ChunkSize(input);
        var column = new DuckVector(DuckLibrary.ChunkVector(input, 0), DuckType.Blob);
        var text = stackalloc byte[MaximumLength];
        for (var row = 0; row < count; row++)
        {
            if (column.IsNull(row))
            {
                DuckLibrary.EnsureValidity(output);
                DuckLibrary.VectorValidity(output)[row >> 6] &= ~(1UL << (row & 63));
                continue;
            }

            var bytes = column.BytesAt(row);
            var length = Math.Min(Nix32.EncodedLength(bytes.Length), MaximumLength);
            Nix32.Encode(bytes[..Math.Min(bytes.Length, MaximumBytes)], new Span<byte>(text, length));
            DuckLibrary.AssignText(output, (ulong)row, text, (ulong)length);
        }
    }

    [LibraryImport(Library, EntryPoint = "duckdb_create_scalar_function")]
    private static partial nint CreateFunction();

    [LibraryImport(Library, EntryPoint = "duckdb_destroy_scalar_function")]
    private static partial void DestroyFunction(ref nint function);

    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_name", StringMarshalling = StringMarshalling.Utf8)]
    private static partial void SetName(nint function, string name);

    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_add_parameter")]
    private static partial void AddParameter(nint function, nint type);

    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_return_type")]
    private static partial void SetReturnType(nint function, nint type);

    [LibraryImport(Library, EntryPoint = "duckdb_scalar_function_set_function")]
    private static partial void SetFunction(nint function, delegate* unmanaged[Cdecl]<nint, nint, nint, void> run);

    [LibraryImport(Library, EntryPoint = "duckdb_register_scalar_function")]
    private static partial int RegisterFunction(nint connection, nint function);
}
