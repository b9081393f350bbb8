using System.Buffers;
using System.Text;

namespace NixStore;

/// <summary>
/// Writes a derivation as Nix does, byte for byte (Nix libstore/derivations.cc:unparse): for a .drv file, or, with outputs masked and
/// inputs replaced by hashes, for <see cref="DerivationHasher"/>.
/// </summary>
public static class DerivationWriter
{
    /// <summary>The bytes of the .drv file.</summary>
    public static byte[] Write(Derivation derivation, StoreDirectory directory) => Write(derivation, directory, maskOutputs: false, null);

    /// <summary>The bytes that are hashed.</summary>
    /// <param name="derivation">The derivation.</param>
    /// <param name="directory">The store directory that paths are printed with.</param>
    /// <param name="maskOutputs">Print empty strings for the output paths and for the variables named like outputs.</param>
    /// <param name="inputs">What to print for the input derivations, sorted: hexadecimal hash and output names; null = as they are.</param>
    public static byte[] Write(
        Derivation derivation, StoreDirectory directory, bool maskOutputs, IEnumerable<KeyValuePair<string, IReadOnlyList<string>>>? inputs)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        buffer.Write("Derive(["u8);
        WriteAll(buffer, derivation.Outputs, output =>
        {
            WritePlain(buffer, "(", output.Key);
            WritePlain(buffer, ",", maskOutputs || output.Value.Path is null ? "" : directory.Print(output.Value.Path));
            WritePlain(buffer, ",", output.Value.HashAlgorithm);
            WritePlain(buffer, ",", output.Value.Hash);
            buffer.Write(")"u8);
        });
        buffer.Write("],["u8);
        inputs ??= derivation.InputDerivations.Select(input => KeyValuePair.Create(directory.Print(input.Key), input.Value));
        WriteAll(buffer, inputs, input =>
        {
            WritePlain(buffer, "(", input.Key);
            buffer.Write(",["u8);
            WriteAll(buffer, input.Value, name => WritePlain(buffer, "", name));
            buffer.Write("])"u8);
        });
        buffer.Write("],["u8);
        WriteAll(buffer, derivation.InputSources, source => WritePlain(buffer, "", directory.Print(source)));
        buffer.Write("],\""u8);
        // The platform is not escaped in the format.
        buffer.Write(derivation.System.Span);
        buffer.Write("\","u8);
        WriteEscaped(buffer, derivation.Builder.Span);
        buffer.Write(",["u8);
        WriteAll(buffer, derivation.Arguments, argument => WriteEscaped(buffer, argument.Span));
        buffer.Write("],["u8);
        WriteAll(buffer, derivation.Environment, variable =>
        {
            buffer.Write("("u8);
            WriteEscaped(buffer, variable.Key.Span);
            buffer.Write(","u8);
            var masked = maskOutputs && derivation.Outputs.ContainsKey(variable.Key.ToString());
            WriteEscaped(buffer, masked ? default : variable.Value.Span);
            buffer.Write(")"u8);
        });
        buffer.Write("])"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteAll<T>(ArrayBufferWriter<byte> buffer, IEnumerable<T> items, Action<T> write)
    {
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                buffer.Write(","u8);
            }

            first = false;
            write(item);
        }
    }

    private static void WritePlain(ArrayBufferWriter<byte> buffer, string before, string text)
        => Encoding.UTF8.GetBytes($"{before}\"{text}\"", buffer);

    private static void WriteEscaped(ArrayBufferWriter<byte> buffer, ReadOnlySpan<byte> text)
    {
        buffer.Write("\""u8);
        while (text.IndexOfAny("\"\\\n\r\t"u8) is >= 0 and var next)
        {
            buffer.Write(text[..next]);
            buffer.Write(text[next] switch
            {
                (byte)'\n' => "\\n"u8,
                (byte)'\r' => "\\r"u8,
                (byte)'\t' => "\\t"u8,
                (byte)'"' => "\\\""u8,
                _ => "\\\\"u8,
            });
            text = text[(next + 1)..];
        }

        buffer.Write(text);
        buffer.Write("\""u8);
    }
}
