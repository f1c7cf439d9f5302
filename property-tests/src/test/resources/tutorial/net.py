import math

import torch
from safetensors.torch import save_file

torch.manual_seed(1)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = torch.nn.LSTM(input_size=1, hidden_size=8, num_layers=2)
        self.linear = torch.nn.Linear(8, 1)

    def forward(self, x):
        return self.linear(self.lstm(x)[0])


net = Net()  # here your training
save_file(net.state_dict(), "net.safetensors")

inputs = torch.tensor([math.sin(0.1 * time) for time in range(100)])
with torch.no_grad():
    for output in net(inputs.reshape(100, 1)).flatten():
        print(output.item())
