using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace NixStore.Rescue.Commands;

/// <summary>The help as it is, and the command's examples below.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly SynchronousCommandLineAction _help;

    private HelpWithExamples(SynchronousCommandLineAction help) => _help = help;

    /// <summary>Lets the help of a root command, and of all below it, be so.</summary>
    public static void Install(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        option.Action = new HelpWithExamples((SynchronousCommandLineAction)option.Action!);
    }

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var code = _help.Invoke(parseResult);
        if (parseResult.CommandResult.Command is IHasExamples { Examples: { Count: > 0 } examples })
        {
            var output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (var (line, explanation) in examples)
            {
                output.WriteLine($"  {line}\n      {explanation}");
            }

            output.WriteLine();
        }

        return code;
    }
}
