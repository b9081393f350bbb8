namespace NixStore.Caches.Compression;

/// <summary>What one call of a codec did.</summary>
/// <param name="Consumed">Bytes taken from the input.</param>
/// <param name="Produced">Bytes put into the output.</param>
/// <param name="Ended">The frame (or .xz stream, or bzip2 stream) is complete.</param>
internal readonly record struct CodecProgress(int Consumed, int Produced, bool Ended);

/// <summary>A decompressor that goes from span to span; <see cref="DecoderStream"/> feeds it.</summary>
internal interface IBlockDecoder : IDisposable
{
    /// <summary>True when the format allows several frames one after another.</summary>
    bool CanConcatenate { get; }

    /// <summary>Goes on with the current frame.</summary>
    /// <exception cref="CodecException">The data is corrupt.</exception>
    CodecProgress Decode(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>Bytes at the start of <paramref name="input"/> that may stand between two frames.</summary>
    int SkipPadding(ReadOnlySpan<byte> input) => 0;

    /// <summary>Gets ready for another frame.</summary>
    void StartFrame();
}

/// <summary>A compressor that goes from span to span; <see cref="EncoderStream"/> feeds it.</summary>
internal interface IBlockEncoder : IDisposable
{
    /// <summary>Takes input and gives output; with <paramref name="finish"/> it ends the frame, which may take several calls.</summary>
    /// <exception cref="CodecException">The library failed.</exception>
    CodecProgress Encode(ReadOnlySpan<byte> input, Span<byte> output, bool finish);
}
