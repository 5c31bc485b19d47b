/** Short names for people: a function of a node's id, so that every tab calls a node the same. */
import { hashText } from '../core/causality/hash'

const ADJECTIVES =
  'amber azure brave bright calm clever coral crisp dapper eager early fair fleet gentle golden happy honest humble indigo ivory jade jolly keen kind lilac lively lucid lunar merry mild misty mellow nimble noble olive opal patient plucky proud quick quiet rapid rosy ruby rustic sandy scarlet serene shiny silver sleek snowy solar spry steady sunny swift teal tidy topaz velvet vivid warm witty'.split(
    ' ',
  )
const ANIMALS =
  'ant badger bat bear bee bison boar camel cat crane crow deer dingo dodo dove duck eagle egret elk emu falcon ferret finch fox frog gecko gibbon goat goose gull hare hawk heron ibex ibis jackal jay koala lark lemur lion llama lynx macaw magpie marten mole moose moth newt ocelot orca otter owl panda parrot pika puffin puma quail rabbit raven robin seal shrew sloth snail stork swan tapir tiger toad toucan turtle viper vole walrus whale wolf wombat wren yak zebra'.split(
    ' ',
  )

export function nodeName(nodeId: string): string {
  const [first, second] = hashText(nodeId)
  return `${ADJECTIVES[first % ADJECTIVES.length]}-${ANIMALS[second % ANIMALS.length]}`
}
