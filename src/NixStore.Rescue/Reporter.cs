using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace NixStore.Rescue;

/// <summary>Writes what the commands have to say: for people, or with <c>--json</c> for programs.</summary>
/// <param name="json">True for one JSON object a line.</param>
internal sealed class Reporter(bool json)
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    private readonly IAnsiConsole _errors = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });

    /// <summary>Writes a result.</summary>
    /// <param name="result">What programs get.</param>
    /// <param name="text">What people get; markup of Spectre.Console.</param>
    public void Write<T>(T result, string text)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(result, s_options));
        }
        else
        {
            AnsiConsole.MarkupLine(text);
        }
    }

    /// <summary>Writes an error and its remedy.</summary>
    public void WriteError(NixStoreException error)
    {
        if (json)
        {
            Console.Error.WriteLine(JsonSerializer.Serialize(
                new { error = error.ErrorId, error.Kind, error.Message, error.Target, error.Remedy }, s_options));
            return;
        }

        _errors.MarkupLineInterpolated($"[red]{error.Message}[/]");
        if (error.Remedy is not null)
        {
            _errors.MarkupLineInterpolated($"{error.Remedy}");
        }
    }
}
