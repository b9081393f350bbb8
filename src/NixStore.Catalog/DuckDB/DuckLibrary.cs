using System.Reflection;
using System.Runtime.InteropServices;

namespace NixStore.Catalog.DuckDB;

/// <summary>The functions of DuckDB's C interface that are used here (duckdb.h of 1.5).</summary>
internal static unsafe partial class DuckLibrary
{
    internal const int Success = 0;

    private const string Name = "duckdb";

    static DuckLibrary() => NativeLibrary.SetDllImportResolver(typeof(DuckLibrary).Assembly, Resolve);

    /// <summary>The version, such as <c>v1.5.6</c>; loads the library.</summary>
    /// <exception cref="NixStoreException">LibraryNotFound</exception>
    internal static string EnsureLoaded()
    {
        try
        {
            return Marshal.PtrToStringUTF8((nint)LibraryVersion())!;
        }
        catch (DllNotFoundException error)
        {
            throw new NixStoreException("LibraryNotFound", StoreErrorKind.NotFound, "DuckDB's library, libduckdb, is not there or cannot be loaded.",
                "libduckdb", $"It is a part of NixStore, for {RuntimeInformation.RuntimeIdentifier} in lib/runtimes/. Install NixStore whole.", error);
        }
    }

    [LibraryImport(Name, EntryPoint = "duckdb_library_version")]
    internal static partial byte* LibraryVersion();

    [LibraryImport(Name, EntryPoint = "duckdb_create_config")]
    internal static partial int CreateConfig(out nint config);

    [LibraryImport(Name, EntryPoint = "duckdb_set_config", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int SetConfig(nint config, string name, string option);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_config")]
    internal static partial void DestroyConfig(ref nint config);

    [LibraryImport(Name, EntryPoint = "duckdb_open_ext", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string? path, out nint database, nint config, out byte* error);

    [LibraryImport(Name, EntryPoint = "duckdb_close")]
    internal static partial void Close(ref nint database);

    [LibraryImport(Name, EntryPoint = "duckdb_connect")]
    internal static partial int Connect(nint database, out nint connection);

    [LibraryImport(Name, EntryPoint = "duckdb_disconnect")]
    internal static partial void Disconnect(ref nint connection);

    [LibraryImport(Name, EntryPoint = "duckdb_interrupt")]
    internal static partial void Interrupt(nint connection);

    [LibraryImport(Name, EntryPoint = "duckdb_query_progress")]
    internal static partial DuckProgress QueryProgress(nint connection);

    [LibraryImport(Name, EntryPoint = "duckdb_free")]
    internal static partial void Free(void* memory);

    [LibraryImport(Name, EntryPoint = "duckdb_extract_statements", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint ExtractStatements(nint connection, string query, out nint statements);

    [LibraryImport(Name, EntryPoint = "duckdb_extract_statements_error")]
    internal static partial byte* ExtractStatementsError(nint statements);

    [LibraryImport(Name, EntryPoint = "duckdb_prepare_extracted_statement")]
    internal static partial int PrepareExtracted(nint connection, nint statements, nuint index, out nint statement);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_extracted")]
    internal static partial void DestroyExtracted(ref nint statements);

    [LibraryImport(Name, EntryPoint = "duckdb_prepare_error")]
    internal static partial byte* PrepareError(nint statement);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_prepare")]
    internal static partial void DestroyPrepare(ref nint statement);

    [LibraryImport(Name, EntryPoint = "duckdb_nparams")]
    internal static partial nuint ParameterCount(nint statement);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_null")]
    internal static partial int BindNull(nint statement, nuint index);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_boolean")]
    internal static partial int BindBoolean(nint statement, nuint index, byte value);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_int64")]
    internal static partial int BindInt64(nint statement, nuint index, long value);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_double")]
    internal static partial int BindDouble(nint statement, nuint index, double value);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_timestamp")]
    internal static partial int BindTimestamp(nint statement, nuint index, long microseconds);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_varchar_length")]
    internal static partial int BindText(nint statement, nuint index, byte* text, nuint length);

    [LibraryImport(Name, EntryPoint = "duckdb_bind_value")]
    internal static partial int BindValue(nint statement, nuint index, nint value);

    [LibraryImport(Name, EntryPoint = "duckdb_create_varchar_length")]
    internal static partial nint CreateText(byte* text, nuint length);

    [LibraryImport(Name, EntryPoint = "duckdb_create_list_value")]
    internal static partial nint CreateList(nint elementType, nint* values, nuint count);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_value")]
    internal static partial void DestroyValue(ref nint value);

    [LibraryImport(Name, EntryPoint = "duckdb_execute_prepared")]
    internal static partial int Execute(nint statement, out DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_execute_prepared_streaming")]
    internal static partial int ExecuteStreaming(nint statement, out DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_result")]
    internal static partial void DestroyResult(ref DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_result_error")]
    internal static partial byte* ResultError(ref DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_rows_changed")]
    internal static partial ulong RowsChanged(ref DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_column_count")]
    internal static partial ulong ColumnCount(ref DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_column_name")]
    internal static partial byte* ColumnName(ref DuckResult result, ulong column);

    [LibraryImport(Name, EntryPoint = "duckdb_column_type")]
    internal static partial DuckType ColumnType(ref DuckResult result, ulong column);

    [LibraryImport(Name, EntryPoint = "duckdb_fetch_chunk")]
    internal static partial nint FetchChunk(DuckResult result);

    [LibraryImport(Name, EntryPoint = "duckdb_create_logical_type")]
    internal static partial nint CreateType(DuckType type);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_logical_type")]
    internal static partial void DestroyType(ref nint type);

    [LibraryImport(Name, EntryPoint = "duckdb_get_type_id")]
    internal static partial DuckType TypeOf(nint type);

    [LibraryImport(Name, EntryPoint = "duckdb_create_data_chunk")]
    internal static partial nint CreateChunk(nint* types, ulong count);

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_data_chunk")]
    internal static partial void DestroyChunk(ref nint chunk);

    [LibraryImport(Name, EntryPoint = "duckdb_data_chunk_reset")]
    internal static partial void ResetChunk(nint chunk);

    [LibraryImport(Name, EntryPoint = "duckdb_data_chunk_get_size")]
    internal static partial ulong ChunkSize(nint chunk);

    [LibraryImport(Name, EntryPoint = "duckdb_data_chunk_set_size")]
    internal static partial void SetChunkSize(nint chunk, ulong size);

    [LibraryImport(Name, EntryPoint = "duckdb_data_chunk_get_vector")]
    internal static partial nint ChunkVector(nint chunk, ulong column);

    [LibraryImport(Name, EntryPoint = "duckdb_vector_get_data")]
    internal static partial void* VectorData(nint vector);

    [LibraryImport(Name, EntryPoint = "duckdb_vector_get_validity")]
    internal static partial ulong* VectorValidity(nint vector);

    [LibraryImport(Name, EntryPoint = "duckdb_vector_ensure_validity_writable")]
    internal static partial void EnsureValidity(nint vector);

    [SuppressGCTransition]
    [LibraryImport(Name, EntryPoint = "duckdb_vector_assign_string_element_len")]
    internal static partial void AssignText(nint vector, ulong index, byte* text, ulong length);

    [LibraryImport(Name, EntryPoint = "duckdb_list_vector_get_child")]
    internal static partial nint ListChild(nint vector);

    [LibraryImport(Name, EntryPoint = "duckdb_list_vector_get_size")]
    internal static partial ulong ListSize(nint vector);

    [LibraryImport(Name, EntryPoint = "duckdb_list_vector_set_size")]
    internal static partial int SetListSize(nint vector, ulong size);

    [LibraryImport(Name, EntryPoint = "duckdb_list_vector_reserve")]
    internal static partial int ReserveList(nint vector, ulong capacity);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_create", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int CreateAppender(nint connection, string? schema, string table, out nint appender);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_column_count")]
    internal static partial ulong AppenderColumnCount(nint appender);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_column_type")]
    internal static partial nint AppenderColumnType(nint appender, ulong column);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_error")]
    internal static partial byte* AppenderError(nint appender);

    [LibraryImport(Name, EntryPoint = "duckdb_append_data_chunk")]
    internal static partial int AppendChunk(nint appender, nint chunk);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_close")]
    internal static partial int CloseAppender(nint appender);

    [LibraryImport(Name, EntryPoint = "duckdb_appender_destroy")]
    internal static partial int DestroyAppender(ref nint appender);

    /// <summary>
    /// Beside the assembly first, in <c>runtimes/&lt;rid&gt;/native</c>: there it is in the module and in the output of tests alike. A library for
    /// another C library of the same processor is there too, in a module for all platforms, and simply fails to load.
    /// </summary>
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name || Path.GetDirectoryName(assembly.Location) is not { } directory)
        {
            return 0;
        }

        var processor = RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();
        string[] places = OperatingSystem.IsMacOS() ? [$"osx-{processor}/native/libduckdb.dylib"]
            : [$"linux-{processor}/native/libduckdb.so", $"linux-musl-{processor}/native/libduckdb.so"];
        foreach (var place in places)
        {
            if (NativeLibrary.TryLoad(Path.Combine(directory, "runtimes", place), out var handle))
            {
                return handle;
            }
        }

        return 0;
    }

    [LibraryImport(Name, EntryPoint = "duckdb_create_scalar_function")]
    internal static partial nint CreateScalarFunction();

    [LibraryImport(Name, EntryPoint = "duckdb_destroy_scalar_function")]
    internal static partial void DestroyScalarFunction(ref nint function);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_set_name", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void SetScalarFunctionName(nint function, string name);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_add_parameter")]
    internal static partial void AddScalarFunctionParameter(nint function, nint type);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_set_return_type")]
    internal static partial void SetScalarFunctionReturnType(nint function, nint type);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_set_extra_info")]
    internal static partial void SetScalarFunctionExtraInfo(nint function, nint info, delegate* unmanaged[Cdecl]<nint, void> destroy);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_get_extra_info")]
    internal static partial nint GetScalarFunctionExtraInfo(nint info);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_set_function")]
    internal static partial void SetScalarFunction(nint function, delegate* unmanaged[Cdecl]<nint, nint, nint, void> call);

    [LibraryImport(Name, EntryPoint = "duckdb_scalar_function_set_error", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void SetScalarFunctionError(nint info, string error);

    [LibraryImport(Name, EntryPoint = "duckdb_register_scalar_function")]
    internal static partial int RegisterScalarFunction(nint connection, nint function);
}
