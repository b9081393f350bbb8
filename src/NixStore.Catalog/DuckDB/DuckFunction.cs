using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace NixStore.Catalog.DuckDB;

/// <summary>What a function of ours gives for some texts.</summary>
/// <param name="texts">UTF-8; where there is none, what the function gives is not looked at.</param>
/// <param name="values">One for each.</param>
public delegate void TextFunction(DuckVector texts, Span<int> values);

/// <summary>Makes functions written here callable from SQL: of one text, with a whole number as their value, NULL of NULL.</summary>
internal static unsafe class DuckFunction
{
    /// <summary>Registers one with a session, which keeps it as long as it lives.</summary>
    /// <param name="session">The session.</param>
    /// <param name="name">What SQL calls it.</param>
    /// <param name="function">Called by several threads at once.</param>
    /// <exception cref="DuckException"/>
    internal static void Register(DuckSession session, string name, TextFunction function)
    {
        var handle = DuckLibrary.CreateScalarFunction();
        var (text, number) = (DuckLibrary.CreateType(DuckType.Text), DuckLibrary.CreateType(DuckType.Int32));
        try
        {
            DuckLibrary.SetScalarFunctionName(handle, name);
            DuckLibrary.AddScalarFunctionParameter(handle, text);
            DuckLibrary.SetScalarFunctionReturnType(handle, number);
            DuckLibrary.SetScalarFunctionExtraInfo(handle, GCHandle.ToIntPtr(GCHandle.Alloc(function)), &Release);
            DuckLibrary.SetScalarFunction(handle, &Call);
            if (DuckLibrary.RegisterScalarFunction(session.Connection, handle) != DuckLibrary.Success)
            {
                throw DuckException.From($"The function {name} cannot be registered.");
            }
        }
        finally
        {
            DuckLibrary.DestroyScalarFunction(ref handle);
            DuckLibrary.DestroyType(ref text);
            DuckLibrary.DestroyType(ref number);
        }
    }

    /// <summary>For a chunk; the engine sees to NULLs.</summary>
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Call(nint info, nint chunk, nint output)
    {
        try
        {
            var function = (TextFunction)GCHandle.FromIntPtr(DuckLibrary.GetScalarFunctionExtraInfo(info)).Target!;
            function(new DuckVector(DuckLibrary.ChunkVector(chunk, 0), DuckType.Text), new Span<int>(DuckLibrary.VectorData(output), (int)DuckLibrary.ChunkSize(chunk)));
        }
        catch (Exception error)
        {
            // Nothing may be thrown through the engine; it throws this at whoever asked.
            DuckLibrary.SetScalarFunctionError(info, error.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint handle) => GCHandle.FromIntPtr(handle).Free();
}
